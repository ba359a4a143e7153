using CovidCxr.Engine.Serving;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TorchSharp;

namespace CovidCxr.Engine.Tests.Serving;

public sealed class InferenceServiceTests : IAsyncDisposable
{
    static readonly GreyImage Film = FilmFolder.Film(isSick: true, seed: 1, size: 64);

    readonly StandIn _first = new(), _second = new();
    readonly ServiceProvider _program;

    public InferenceServiceTests()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Inference:MaxBatch"] = "4",
            ["Inference:QueueCapacity"] = "3",
            ["Inference:Engine"] = "OnnxRuntime",
        };
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        _program = new ServiceCollection().AddCovidCxrEngine(configuration).BuildServiceProvider(validateScopes: true);
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    ModelHost Host => _program.GetRequiredService<ModelHost>();

    public ValueTask DisposeAsync()
    {
        // A test that failed may have left a pass that waits.
        _first.LetPass(9);
        return _program.DisposeAsync();
    }

    [Fact]
    public async Task Scope_OverAPromotion_IsAnsweredByTheModelOfItsFirstFilm()
    {
        Host.Swap(_first.Load("first"));
        await using var scope = _program.CreateAsyncScope();
        var serving = scope.ServiceProvider.GetRequiredService<InferenceService>();
        await using var idle = _program.CreateAsyncScope();
        var asksLater = idle.ServiceProvider.GetRequiredService<InferenceService>();
        Assert.Equal("first", asksLater.Model?.Header.Name);
        var before = await RunAsync(serving);

        Host.Swap(_second.Load("second"));
        var after = await RunAsync(serving);

        Assert.Equal(("first", "first"), (before.Model.Name, after.Model.Name));
        Assert.Equal(("first", Host.Device), (serving.Model?.Sha256, serving.Device));
        Assert.Equal("second", asksLater.Model?.Header.Name);
        Assert.Equal("second", (await RunAsync(asksLater)).Model.Name);
        Assert.Same(serving, scope.ServiceProvider.GetRequiredService<InferenceService>());
    }

    [Fact]
    public async Task Scope_AtItsEnd_GivesTheModelBackThatNobodyElseHolds()
    {
        Host.Swap(_first.Load("first"));
        InferenceService ended;
        await using (var scope = _program.CreateAsyncScope())
        {
            ended = scope.ServiceProvider.GetRequiredService<InferenceService>();
            await RunAsync(ended);
            Host.Swap(_second.Load("second"));
            Assert.False(_first.IsFreed);
        }

        Assert.True(_first.IsFreed);
        Assert.False(_second.IsFreed);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => RunAsync(ended));
    }

    [Fact]
    public async Task Scope_AtItsEnd_FreesAllTensorsOfTheModelThatWasReplaced()
    {
        using var models = new ServedModels();
        await using var host = new ModelHost(new() { Engine = ServingEngine.TorchSharp }, TimeProvider.System);
        await host.SwapAsync(models.First, Cancellation);
        long held;
        using (var serving = new InferenceService(host))
        {
            await RunAsync(serving);
            await host.SwapAsync(models.Second, Cancellation);
            Assert.Equal("first", (await RunAsync(serving)).Model.Name);
            held = Tensors();
        }

        var served = Tensors();
        host.Unload();

        // As many as the other network has, which nobody else held. The counter itself keeps some of every network that there ever was.
        Assert.Equal(served - Tensors(), held - served);
        Assert.NotEqual(held, served);
    }

    [Fact]
    public async Task Scope_EndsWhileAFilmIsAnswered_AnswersItAndThenGivesTheModelBack()
    {
        _first.Holds();
        Host.Swap(_first.Load("first"));
        Task<ScanInference> answer;
        using (var serving = new InferenceService(Host))
        {
            answer = RunAsync(serving);
            await _first.BegunAsync();
            Host.Swap(_second.Load("second"));
        }

        Assert.False(_first.IsFreed);
        _first.LetPass();

        Assert.Equal("first", (await answer).Model.Name);
        Assert.True(_first.IsFreed);
    }

    [Fact]
    public async Task Run_AReaderBehindABatch_GoesFirstAndAlone()
    {
        _first.Holds();
        Host.Swap(_first.Load("first"));
        using var serving = new InferenceService(Host);
        var begun = RunAsync(serving, InferencePriority.Batch);
        await _first.BegunAsync();
        Task<ScanInference>[] batch = [RunAsync(serving, InferencePriority.Batch), RunAsync(serving, InferencePriority.Batch)];
        await WaitingAsync(2);
        var reader = RunAsync(serving);
        await WaitingAsync(3);
        // Both priorities fill the queue.
        await Assert.ThrowsAsync<ModelBusyException>(() => RunAsync(serving));
        await Assert.ThrowsAsync<ModelBusyException>(() => RunAsync(serving, InferencePriority.Batch));

        _first.LetPass();
        await begun;
        _first.LetPass();
        await reader;

        Assert.All(batch, b => Assert.False(b.IsCompleted));
        _first.LetPass();
        await Task.WhenAll(batch);
        Assert.Equal([1, 1, 2], _first.Passes);
    }

    [Fact]
    public async Task Run_CancelledWhileWaiting_IsNotComputed()
    {
        _first.Holds();
        Host.Swap(_first.Load("first"));
        using var serving = new InferenceService(Host);
        var begun = RunAsync(serving);
        await _first.BegunAsync();
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var cancelled = serving.RunAsync(Film, InferencePriority.Reader, source.Token);
        await WaitingAsync(1);

        await source.CancelAsync();
        _first.LetPass();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await begun;
        Assert.Equal([1], _first.Passes);
        Assert.Equal(0, Host.Waiting);
    }

    [Fact]
    public async Task Run_WithoutAModel_SaysSoAndTakesTheOneThatIsLoadedLater()
    {
        using var serving = new InferenceService(Host);
        Assert.Null(serving.Model);
        await Assert.ThrowsAsync<NoModelException>(() => RunAsync(serving));

        Host.Swap(_first.Load("first"));

        Assert.Equal("first", (await RunAsync(serving)).Model.Name);
    }

    [Fact]
    public async Task Run_AfterTheModelWasTakenOutOfService_AnswersInThisScopeAlone()
    {
        Host.Swap(_first.Load("first"));
        using var serving = new InferenceService(Host);
        await RunAsync(serving);

        Host.Unload();

        Assert.Equal("first", (await RunAsync(serving)).Model.Name);
        using var another = new InferenceService(Host);
        await Assert.ThrowsAsync<NoModelException>(() => RunAsync(another));
    }

    static Task<ScanInference> RunAsync(InferenceService serving, InferencePriority priority = InferencePriority.Reader) =>
        serving.RunAsync(Film, priority, Cancellation);

    async Task WaitingAsync(int scans)
    {
        while (Host.Waiting < scans)
        {
            await Task.Delay(1, Cancellation);
        }
    }

    static long Tensors()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return torch.Tensor.TotalCount;
    }

    /// <summary>In a network's place: answers zeros, when it is let.</summary>
    sealed class StandIn : IServedNetwork
    {
        const int Channels = 512;

        readonly SemaphoreSlim _begun = new(0), _turns = new(0);
        bool _holds;

        /// <summary>Scans of each pass.</summary>
        public List<int> Passes { get; } = [];

        public bool IsFreed { get; private set; }

        public LoadedModel Load(string name) => new(new(
            new(
                TestHeader.Of(size: 32, name: name),
                new Dictionary<string, StoredTensor> { ["fc.weight"] = TestTensor.Of(new float[2 * Channels], [2, Channels]) }, name),
            this, keepsFeatures: false));

        /// <summary>Every pass waits for <see cref="LetPass"/>.</summary>
        public void Holds() => _holds = true;

        public Task BegunAsync() => _begun.WaitAsync(Cancellation);

        public void LetPass(int passes = 1) => _turns.Release(passes);

        public NetworkOutput Run(float[] images, int count, int height, int width)
        {
            Passes.Add(count);
            if (_holds)
            {
                _begun.Release();
                _turns.Wait();
            }

            return new(new float[2 * count], 2, new float[count * Channels], Channels, 1, 1);
        }

        public void Dispose() => IsFreed = true;
    }
}

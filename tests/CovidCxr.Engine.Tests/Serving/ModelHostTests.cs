using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Serving;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Testing;
using TorchSharp;

namespace CovidCxr.Engine.Tests.Serving;

/// <summary>Two small networks, written once.</summary>
public sealed class ServedModels : IDisposable
{
    public ServedModels()
    {
        First = Models.Write(Folder, "first", seed: 1);
        Second = Models.Write(Folder, "second", seed: 2);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("covidcxr-test-").FullName;

    public string First { get; }

    public string Second { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

public sealed class ModelHostTests(ServedModels models) : IClassFixture<ServedModels>
{
    static readonly GreyImage[] Films = [.. Enumerable.Range(0, 6).Select(i => FilmFolder.Film(i % 2 == 0, seed: i, size: 64))];

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<ServingEngine> Engines => [ServingEngine.OnnxRuntime, ServingEngine.TorchSharp];

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Run_ManyAtOnce_AreAnsweredAsEachAlone(ServingEngine engine)
    {
        await using var host = await Host(new() { MaxBatch = 4, Engine = engine });
        var alone = new List<ScanInference>();
        foreach (var film in Films)
        {
            alone.Add(await host.RunAsync(film, Cancellation));
        }

        var together = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => host.RunAsync(Films[i % Films.Length], Cancellation)));

        Assert.All(together.Index(), t => AssertClose(alone[t.Index % Films.Length], t.Item));
        Assert.NotEqual(alone[0].Probabilities, alone[1].Probabilities);
        Assert.All(alone, a => Assert.Equal(1, a.Probabilities.Sum(), 1e-5f));
        Assert.Equal(0, host.Waiting);
    }

    [Fact]
    public async Task Run_TorchSharp_AnswersAsOnnxRuntime()
    {
        await using var onnx = await Host(new() { Engine = ServingEngine.OnnxRuntime });
        await using var torchSharp = await Host(new() { Engine = ServingEngine.TorchSharp });

        foreach (var film in Films)
        {
            AssertClose(await onnx.RunAsync(film, Cancellation), await torchSharp.RunAsync(film, Cancellation));
        }

        Assert.Contains("ONNX Runtime", onnx.Device, StringComparison.Ordinal);
        Assert.Contains("TorchSharp", torchSharp.Device, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Device_OfAuto_IsTorchSharpOnlyWithCuda()
    {
        await using var host = new ModelHost(new(), TimeProvider.System);

        Assert.Equal(
            ComputeDevice.IsCuda ? $"{ComputeDevice.Name}, TorchSharp" : $"CPU, ONNX Runtime, {Environment.ProcessorCount} cores",
            host.Device);
    }

    [Theory]
    [InlineData(0.0, 0)]
    [InlineData(1.0, 1)]
    public async Task Run_AtTheEndsOfTheThreshold_DecidesByIt(double threshold, int expected)
    {
        var file = ModelFile.Read(models.First);
        var path = Path.Combine(models.Folder, $"threshold{expected}.safetensors");
        ModelFile.Write(path, file.Header with { Threshold = threshold }, file.Tensors, inHalfPrecision: true);
        await using var host = await Host(new() { Engine = ServingEngine.TorchSharp }, path);

        Assert.Equal(expected, (await host.RunAsync(Films[0], Cancellation)).PredictedIndex);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Run_BeyondTheQueue_IsBusyForThoseAndAnswersTheOthers()
    {
        await using var host = await Host(new() { MaxBatch = 1, QueueCapacity = 2 });

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            try
            {
                return (await host.RunAsync(Films[i % Films.Length], Cancellation)).Probabilities.Count;
            }
            catch (ModelBusyException)
            {
                return 0;
            }
        }));

        Assert.Contains(0, outcomes);
        Assert.Contains(2, outcomes);
        Assert.Equal(2, (await host.RunAsync(Films[0], Cancellation)).Probabilities.Count);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Run_CancelledWhileWaiting_IsCancelledAndTheOthersAreAnswered()
    {
        // Large enough that those in front take a while.
        await using var host = await Host(new() { MaxBatch = 1 }, Models.Write(models.Folder, "large", seed: 1, size: 320));
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var others = Enumerable.Range(0, 6).Select(i => host.RunAsync(Films[i], Cancellation)).ToList();
        while (host.Waiting < 3)
        {
            await Task.Delay(1, Cancellation);
        }

        var cancelled = host.RunAsync(Films[0], source.Token);
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(6, (await Task.WhenAll(others)).Length);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.RunAsync(Films[0], source.Token));
    }

    [Theory]
    [Trait("Speed", "Slow")]
    [MemberData(nameof(Engines))]
    public async Task Swap_UnderLoad_DropsNothingAndEachAnswerIsItsModels(ServingEngine engine)
    {
        await using var host = await Host(new() { MaxBatch = 3, Engine = engine });
        var expected = new Dictionary<string, ScanInference>();
        foreach (var path in new[] { models.Second, models.First })
        {
            await host.SwapAsync(path, Cancellation);
            var answer = await host.RunAsync(Films[0], Cancellation);
            expected.Add(answer.ModelSha256, answer);
        }

        using var end = new CancellationTokenSource();
        var load = Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            var answers = new List<ScanInference>();
            while (!end.IsCancellationRequested)
            {
                answers.Add(await host.RunAsync(Films[0], Cancellation));
            }

            return answers;
        })).ToList();
        for (var swap = 0; swap < 4; swap++)
        {
            var path = swap % 2 == 0 ? models.Second : models.First;
            await host.SwapAsync(path, Cancellation);
            Assert.Equal(swap % 2 == 0 ? "second" : "first", (await host.RunAsync(Films[0], Cancellation)).Model.Name);
        }

        await end.CancelAsync();
        var all = (await Task.WhenAll(load)).SelectMany(a => a).ToList();
        Assert.Equal(2, all.Select(a => a.ModelSha256).Distinct().Count());
        Assert.All(all, a => AssertClose(expected[a.ModelSha256], a));
    }

    [Theory]
    [Trait("Speed", "Slow")]
    [MemberData(nameof(Engines))]
    public async Task Run_OverAndOver_LeavesNoTensor(ServingEngine engine)
    {
        await using var host = await Host(new() { MaxBatch = 2, Engine = engine });
        await host.RunAsync(Films[0], Cancellation);
        var warm = Tensors();
        for (var round = 0; round < 10; round++)
        {
            await Task.WhenAll(Films.Select(f => host.RunAsync(f, Cancellation)));
        }

        Assert.Equal(warm, Tensors());
    }

    [Fact]
    public async Task Swap_ToWhatIsNoModel_KeepsTheActiveOne()
    {
        await using var host = await Host(new());
        var bad = Path.Combine(models.Folder, "bad.safetensors");
        await File.WriteAllTextAsync(bad, "no weights", Cancellation);
        var file = ModelFile.Read(models.First);
        var broken = Path.Combine(models.Folder, "broken.safetensors");
        ModelFile.Write(
            broken, file.Header,
            file.Tensors.ToDictionary(t => t.Key, t => t.Key == "fc.bias" ? TestTensor.Of([float.NaN, 0], [2]) : t.Value),
            inHalfPrecision: false);

        await Assert.ThrowsAsync<ModelFileException>(() => host.SwapAsync(bad, Cancellation));
        await Assert.ThrowsAsync<ModelFileException>(() => host.SwapAsync(broken, Cancellation));
        await Assert.ThrowsAsync<ModelFileException>(() => host.SwapAsync(bad + ".missing", Cancellation));

        Assert.Equal("first", (await host.RunAsync(Films[0], Cancellation)).Model.Name);
        Assert.Equal("first", host.Current!.Value.Header.Name);
    }

    [Fact]
    public async Task Run_WithoutAModel_SaysSo()
    {
        await using var host = new ModelHost(new(), TimeProvider.System);

        Assert.Null(host.Current);
        await Assert.ThrowsAsync<NoModelException>(() => host.RunAsync(Films[0], Cancellation));
    }

    [Fact]
    public async Task Swap_WithADamagedGraphBeside_WritesItAnew()
    {
        var path = Copy("damaged");
        var graph = GraphOf(path);
        await File.WriteAllTextAsync(graph, "cut short", Cancellation);

        await using var host = await Host(new() { Engine = ServingEngine.OnnxRuntime }, path);

        Assert.Equal(2, (await host.RunAsync(Films[0], Cancellation)).Probabilities.Count);
        Assert.True(new FileInfo(graph).Length > 40_000_000);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Swap_WithAnothersGraphBeside_WritesItsOwn()
    {
        var (path, other) = (Copy("mixed-up"), models.Second);
        IReadOnlyList<float> own;
        await using (var host = await Host(new() { Engine = ServingEngine.OnnxRuntime }, path))
        {
            own = (await host.RunAsync(Films[0], Cancellation)).Probabilities;
            await host.SwapAsync(other, Cancellation);
        }

        File.Copy(GraphOf(other), GraphOf(path), overwrite: true);

        await using var again = await Host(new() { Engine = ServingEngine.OnnxRuntime }, path);
        Assert.Equal(own, (await again.RunAsync(Films[0], Cancellation)).Probabilities);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Swap_WhereNoGraphCanBeWrittenBeside_ServesAllTheSame()
    {
        var path = Copy("stubborn");
        Directory.CreateDirectory(GraphOf(path));

        await using var host = await Host(new() { Engine = ServingEngine.OnnxRuntime }, path);

        Assert.Equal(2, (await host.RunAsync(Films[0], Cancellation)).Probabilities.Count);
    }

    /// <summary>The first model in a file of its own, with no graph beside.</summary>
    string Copy(string name)
    {
        var path = Path.Combine(models.Folder, name + ".safetensors");
        File.Copy(models.First, path);
        return path;
    }

    static string GraphOf(string path) => $"{path}.{ModelFile.Read(path).Sha256[..16]}.onnx";

    async Task<ModelHost> Host(ServingOptions options, string? path = null)
    {
        options.Threads = 1;
        var host = new ModelHost(options, TimeProvider.System);
        await host.SwapAsync(path ?? models.First, Cancellation);
        return host;
    }

    static long Tensors()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return torch.Tensor.TotalCount;
    }

    static void AssertClose(ScanInference expected, ScanInference actual)
    {
        Assert.Equal(expected.ModelSha256, actual.ModelSha256);
        Assert.All(expected.Probabilities.Zip(actual.Probabilities), p => Assert.Equal(p.First, p.Second, 1e-4f));
        Assert.All(
            expected.HeatMaps.SelectMany(m => m.Values).Zip(actual.HeatMaps.SelectMany(m => m.Values)),
            p => Assert.Equal(p.First, p.Second, 1e-3f));
    }
}

using CovidCxr.Engine.Serving;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Testing;

namespace CovidCxr.Engine.Tests.Serving;

public sealed class ShadowHostTests(ServedModels models) : IClassFixture<ServedModels>
{
    static readonly GreyImage Film = FilmFolder.Film(isSick: true, seed: 1, size: 64);

    static readonly ServingOptions Options = new() { Engine = ServingEngine.OnnxRuntime };

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Run_BesideTheActiveModel_SaysWhatItsOwnFileSays()
    {
        await using var host = new ModelHost(Options, TimeProvider.System);
        await host.SwapAsync(models.First, Cancellation);
        using var shadow = new ShadowHost(host, TimeProvider.System);
        var sha = ModelFile.Read(models.Second).Sha256;

        var said = await shadow.RunAsync(models.Second, sha, Film, Cancellation);
        var active = await host.RunAsync(Film, Cancellation);
        await host.SwapAsync(models.Second, Cancellation);
        var alone = await host.RunAsync(Film, Cancellation);

        Assert.Equal(alone.Probabilities[alone.Model.PositiveClass], said.Score, 1e-5);
        Assert.NotEqual(active.Probabilities[active.Model.PositiveClass], said.Score, 1e-5);
        Assert.Equal(alone.Model.Threshold, said.Threshold);
    }

    /// <summary>The shadow waits where this is true.</summary>
    [Fact]
    public async Task Active_WhileItAnswers_IsBusy()
    {
        await using var host = new ModelHost(Options, TimeProvider.System);
        await host.SwapAsync(models.First, Cancellation);
        using var shadow = new ShadowHost(host, TimeProvider.System);
        Assert.False(host.IsBusy);

        var answer = host.RunAsync(Film, Cancellation);
        Assert.True(host.IsBusy);
        await shadow.RunAsync(models.Second, ModelFile.Read(models.Second).Sha256, Film, Cancellation);
        await answer;

        Assert.False(host.IsBusy);
    }

    [Fact]
    public async Task Load_OfAnotherFileThanRegistered_IsRefusedAndALaterRunLoadsTheRightOne()
    {
        await using var host = new ModelHost(Options, TimeProvider.System);
        using var shadow = new ShadowHost(host, TimeProvider.System);
        var sha = ModelFile.Read(models.Second).Sha256;

        await Assert.ThrowsAsync<ModelFileException>(() => shadow.LoadAsync(models.First, sha, Cancellation));
        await shadow.LoadAsync(models.Second, sha, Cancellation);
        await shadow.UnloadAsync(Cancellation);

        Assert.InRange((await shadow.RunAsync(models.Second, sha, Film, Cancellation)).Score, 0, 1);
    }

    [Fact]
    public async Task Load_BesideAModelOfTorchSharp_ComputesWithOnnxRuntimeAllTheSame()
    {
        var folder = Directory.CreateTempSubdirectory("covidcxr-");
        await using var host = new ModelHost(new() { Engine = ServingEngine.TorchSharp }, TimeProvider.System);
        using var shadow = new ShadowHost(host, TimeProvider.System);
        var path = Path.Combine(folder.FullName, "m.safetensors");
        File.Copy(models.Second, path);

        await shadow.LoadAsync(path, ModelFile.Read(path).Sha256, Cancellation);

        Assert.True(shadow.IsLoaded);
        // Its graph, which TorchSharp has no need of.
        Assert.NotEmpty(Directory.GetFiles(folder.FullName, "m.safetensors.*.onnx"));
        await shadow.UnloadAsync(Cancellation);
        Assert.False(shadow.IsLoaded);
        folder.Delete(recursive: true);
    }
}

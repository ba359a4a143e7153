using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Engine.Lungs;
using CovidCxr.Engine.Serving;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Lungs;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Testing;

namespace CovidCxr.Engine.Tests.Serving;

/// <summary>What a network is shown of one file, in an evaluation and at work.</summary>
public sealed class ShownPixelsTests : IDisposable
{
    readonly FilmFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    public void Prepare_FilmCroppedToItsLungs_IsToTheLastBitWhatTheEvaluationShows(int bits)
    {
        var preset = PreprocessingPreset.Square(64) with { Lungs = new() };
        var drawn = PhantomDrawer.Draw(PhantomKind.BilateralOpacities, 3, 300, bits);
        // Not square: the whole film would be stretched, the crop is not.
        var film = new GreyImage(300, 280, bits, [.. drawn.Samples.Take(300 * 280)]);
        _folder.Write("films/COVID-19/p01_0.png", PngEncoder.Encode(film));
        _folder.Output("films/Other");

        var evaluated = Assert.Single(DataSet.LoadForTest(
            Runs.Options.Data, _folder.Root, Runs.Options.Classes, preset, PixelCache.Default(), null,
            TestContext.Current.CancellationToken, LungFinder.For(preset)).Samples);
        using var served = ServedModel.Load(Write(preset), ServingEngine.TorchSharp, threads: 1);
        var decoded = Assert.IsType<DecodeResult.Decoded>(new ScanDecoder(new ImagingOptions()).Decode(
            File.ReadAllBytes(Path.Combine(_folder.Root, "films/COVID-19/p01_0.png")), TestContext.Current.CancellationToken));
        var shown = served.Prepare(decoded.Image);

        Assert.NotEqual(FilmRegion.Whole, shown.Region);
        Assert.Equal(
            Preprocessor.ToTensor(Array.ConvertAll(evaluated.Image.Pixels.ToArray(), v => v / 255f), preset), shown.Input);
    }

    string Write(PreprocessingPreset preset)
    {
        using var network = BackboneCatalog.Create("resnet18", 2, seed: 1);
        var path = Path.Combine(_folder.Root, "lungs.safetensors");
        var header = TestHeader.Of(size: 64, name: "lungs") with { Preset = preset };
        ModelFile.Write(path, header, StateDict.Save(network), inHalfPrecision: true);
        return path;
    }
}

using BenchmarkDotNet.Attributes;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Imaging.Rendering;

namespace Benchmarks;

/// <summary>The way of one scan to the network's input.</summary>
[Config(typeof(ShortRuns))]
[MemoryDiagnoser]
public class ScanBenchmarks
{
    byte[] _png = [];
    GreyImage _film = null!;

    [GlobalSetup]
    public void Setup()
    {
        _film = PhantomDrawer.Draw(PhantomKind.BilateralOpacities, 1, 2048, 16);
        _png = PngEncoder.Encode(_film);
    }

    [Benchmark(Description = "decode a 2048 x 2048 16-bit PNG")]
    public DecodeResult Decode() => new ScanDecoder(new ImagingOptions()).Decode(_png);

    [Benchmark(Description = "preprocess it")]
    [Arguments(224)]
    [Arguments(400)]
    public float[] Preprocess(int size) =>
        Preprocessor.ToTensor(Preprocessor.ToUnit(_film, PreprocessingPreset.Square(size)), PreprocessingPreset.Square(size));
}

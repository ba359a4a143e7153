using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Explanation;
using CovidCxr.Learning.Onnx;

namespace Benchmarks;

/// <summary>The way of one scan: decode, preprocess, forward, heat map.</summary>
[Config(typeof(Short))]
[MemoryDiagnoser]
public class ScanBenchmarks
{
    string folder = "";
    byte[] png = [];
    GreyImage film = null!;
    PreprocessingPreset preset = null!;
    OnnxNetwork network = null!;
    float[] headRow = [], noise = [];

    sealed class Short : ManualConfig
    {
        // In this process: a build of half a gigabyte of native libraries per benchmark says nothing about a scan.
        public Short() => AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
    }

    [Params("densenet169", "resnet152")]
    public string Network { get; set; } = "";

    [Params(224, 400)]
    public int Size { get; set; }

    [Params(1, 16)]
    public int Batch { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        folder = Directory.CreateTempSubdirectory("covidcxr-benchmark-").FullName;
        film = PhantomDrawer.Draw(PhantomKind.BilateralOpacities, 1, 2048, 16);
        png = PngEncoder.Encode(film);
        preset = PreprocessingPreset.Square(Size);
        (network, headRow) = Models.Graph(ModelFile.Read(Models.Write(Network, Size, folder)), folder);
        noise = Models.Noise(Batch, Size);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        network.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Benchmark(Description = "decode a 2048 x 2048 16-bit PNG")]
    public DecodeResult Decode() => new ScanDecoder(new ImagingOptions()).Decode(png);

    [Benchmark(Description = "preprocess it")]
    public float[] Preprocess() => Preprocessor.ToTensor(film, preset);

    [Benchmark(Baseline = true, Description = "forward")]
    public NetworkOutput Forward() => network.Run(noise, Batch, Size, Size);

    [Benchmark(Description = "forward with heat map")]
    public IReadOnlyList<HeatMap> ForwardWithHeatMap()
    {
        var output = network.Run(noise, Batch, Size, Size);
        var area = output.Features.Length / Batch;
        return [.. Enumerable.Range(0, Batch).Select(i => GradCam.ClosedForm(output.Features.AsSpan(i * area, area), headRow, output.MapHeight, output.MapWidth))];
    }
}

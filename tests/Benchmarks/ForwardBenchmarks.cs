using BenchmarkDotNet.Attributes;
using CovidCxr.Engine.Serving;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Explanation;

namespace Benchmarks;

/// <summary>The network's share of a scan, with and without heat map.</summary>
[Config(typeof(ShortRuns))]
public class ForwardBenchmarks
{
    string folder = "";
    OnnxNetwork network = null!;
    float[] headRow = [], noise = [];

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
        (network, headRow) = Models.Graph(ModelFile.Read(Models.Write(Network, Size, folder)), folder);
        noise = Models.Noise(Batch, Size);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        network.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Benchmark(Baseline = true, Description = "forward")]
    public NetworkOutput Forward() => network.Run(noise, Batch, Size, Size);

    [Benchmark(Description = "forward with heat map")]
    public IReadOnlyList<HeatMap> ForwardWithHeatMap() => Inference.HeatMaps(Forward(), headRow, Batch);
}

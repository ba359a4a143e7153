using BenchmarkDotNet.Attributes;
using CovidCxr.Engine.Serving;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Explanation;

namespace Benchmarks;

/// <summary>The network's share of a scan, with and without heat map.</summary>
[Config(typeof(ShortRuns))]
public class ForwardBenchmarks
{
    string _folder = "";
    OnnxNetwork _network = null!;
    float[] _headRow = [], _noise = [];

    [Params("densenet169", "resnet152")]
    public string Network { get; set; } = "";

    [Params(224, 400)]
    public int Size { get; set; }

    [Params(1, 16)]
    public int Batch { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _folder = Directory.CreateTempSubdirectory("covidcxr-benchmark-").FullName;
        (_network, _headRow) = Models.Graph(ModelFile.Read(Models.Write(Network, Size, _folder)), _folder);
        _noise = Models.Noise(Batch, Size);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _network.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark(Baseline = true, Description = "forward")]
    public NetworkOutput Forward() => _network.Run(_noise, Batch, Size, Size);

    [Benchmark(Description = "forward with heat map")]
    public IReadOnlyList<HeatMap> ForwardWithHeatMap() => Inference.HeatMaps(Forward(), _headRow, Batch);
}

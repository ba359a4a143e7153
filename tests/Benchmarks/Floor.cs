using System.Globalization;
using Benchmarks.Peers;
using CovidCxr.Learning.Checkpoints;
using static TorchSharp.torch;

namespace Benchmarks;

/// <summary>How near the served networks come to the machine's own rate of multiply-adds, as its matrix product shows it.</summary>
static class Floor
{
    const int Side = 2048;

    // Multiply-adds of one image at 224 x 224, in thousand millions: torchvision's published figures.
    static readonly (string Name, double GigaMultiplyAdds)[] Networks =
        [("densenet121", 2.83), ("densenet169", 3.36), ("resnet18", 1.81), ("resnet152", 11.51)];

    public static int Run()
    {
        var folder = Directory.CreateTempSubdirectory("covidcxr-benchmark-").FullName;
        using var peer = PyTorchPeer.Start();
        using var a = randn(Side, Side);
        using var runtime = new MatrixProduct(Side);
        foreach (var (name, work) in Networks)
        {
            var file = ModelFile.Read(Models.Write(name, 224, folder));
            var (graph, _) = Models.Graph(file, folder);
            var noise = Models.Noise(1, 224);
            var medians = Interleaved.Medians(
                11,
                Interleaved.Timed("network", () => graph.Run(noise, 1, 224, 224)),
                Interleaved.Timed("product", runtime.Run),
                Interleaved.Timed("TorchSharp product", () => a.mm(a).Dispose()),
                new("PyTorch product", () => peer?.Measure($"matmul {Side}")));
            var product = new[] { medians["product"], medians["TorchSharp product"], medians["PyTorch product"] }.Min();
            var rate = Math.Pow(Side, 3) / 1e6 / product!.Value;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-12} {work / medians["network"]!.Value * 1000,7:F1} G multiply-adds/s of {rate:F1} in the matrix product: "
                    + $"{work / medians["network"]!.Value * 1000 / rate:P0}"));
            graph.Dispose();
        }

        Directory.Delete(folder, recursive: true);
        return 0;
    }
}

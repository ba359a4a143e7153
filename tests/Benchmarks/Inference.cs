using System.Globalization;
using Benchmarks.Peers;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Engine.Explanation;
using CovidCxr.Engine.Serving;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Explanation;
using static TorchSharp.torch;

namespace Benchmarks;

/// <summary>
/// Probabilities and a heat map per image: what the program serves with, against TorchSharp and PyTorch on the same machine.
/// </summary>
static class Inference
{
    static readonly string[] Networks = ["densenet121", "densenet169", "resnet18", "resnet152"];

    public static int Run(List<string> choice)
    {
        var folder = Directory.CreateTempSubdirectory("covidcxr-benchmark-").FullName;
        using var peer = PyTorchPeer.Start();
        Console.WriteLine($"{peer?.Version ?? "no PyTorch"}; {Environment.ProcessorCount} cores; ratios are ours to the other");
        var networks = choice.Count > 0 ? [choice[0]] : Networks;
        int[] sizes = choice.Count > 1 ? [int.Parse(choice[1], CultureInfo.InvariantCulture)] : [224, 400];
        int[] batches = choice.Count > 2 ? [int.Parse(choice[2], CultureInfo.InvariantCulture)] : [1, 16];
        foreach (var name in networks)
        {
            foreach (var size in sizes)
            {
                foreach (var batch in batches)
                {
                    Compare(name, size, batch, folder, peer);
                }
            }
        }

        Directory.Delete(folder, recursive: true);
        return 0;
    }

    static void Compare(string name, int size, int batch, string folder, PyTorchPeer? peer)
    {
        var file = ModelFile.Read(Models.Write(name, size, folder));
        var (graph, headRow) = Models.Graph(file, folder);
        using var network = file.ToNetwork();
        var noise = Models.Noise(batch, size);
        var output = graph.Run(noise, batch, size, size);
        var medians = Interleaved.Medians(
            batch == 1 ? 11 : 5,
            Interleaved.Timed("ours with heat map", () => HeatMaps(graph.Run(noise, batch, size, size), headRow, batch)),
            Interleaved.Timed("ours without", () => graph.Run(noise, batch, size, size)),
            Interleaved.Timed("heat maps alone", () => HeatMaps(output, headRow, batch)),
            Interleaved.Timed("TorchSharp", () => Eager(network, noise, batch, size)),
            new("PyTorch", () => peer?.Measure($"forward {name} {size} {batch}")),
            new("PyTorch optimized", () => peer?.Measure($"optimized {name} {size} {batch}")));
        Console.WriteLine(Interleaved.Line($"{name} {size} batch {batch}", medians));
        graph.Dispose();
    }

    public static IReadOnlyList<HeatMap> HeatMaps(NetworkOutput output, float[] headRow, int batch)
    {
        var area = output.Features.Length / batch;
        return [.. Enumerable.Range(0, batch).Select(
            i => GradCam.ClosedForm(output.Features.AsSpan(i * area, area), headRow, output.MapHeight, output.MapWidth))];
    }

    static void Eager(CovidCxr.Engine.Backbones.Backbone network, float[] noise, int batch, int size)
    {
        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        network.forward(tensor(noise, [batch, 3, size, size])).data<float>().ToArray();
    }
}

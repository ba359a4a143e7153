using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Engine.Serving;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Networks;

namespace Benchmarks;

/// <summary>Untrained networks as the program would serve them: speed does not depend on what the weights are.</summary>
static class Models
{
    public static readonly IReadOnlyList<string> Classes = ["COVID-19", "Other"];

    /// <summary>Writes a model file into a folder of the run and returns its path.</summary>
    public static string Write(string architecture, int size, string folder)
    {
        using var network = BackboneCatalog.Create(architecture, Classes.Count, seed: 1);
        var header = new ModelHeader(
            $"untrained {architecture}", architecture, Classes, 0, 0.5, PreprocessingPreset.Square(size), null, [],
            new("For measuring speed.", ["Knows nothing."], [], "None."), new Dictionary<string, string>());
        var path = Path.Combine(folder, $"{architecture}-{size}.safetensors");
        ModelFile.Write(path, header, StateDict.Save(network), inHalfPrecision: false);
        return path;
    }

    /// <summary>The graph of a model file beside it, and the head's row of the first class.</summary>
    public static (OnnxNetwork Network, float[] HeadRow) Graph(ModelFile file, string folder)
    {
        var path = Path.Combine(folder, file.Header.Architecture + ".onnx");
        File.WriteAllBytes(path, OnnxExport.Write(file.Header.Architecture, file.ToWeights(), []));
        var head = file.Tensors.First(t => t.Key is "fc.weight" or "classifier.weight").Value.ToFloats();
        return (new(path, Environment.ProcessorCount, spins: true), head[..(head.Length / Classes.Count)]);
    }

    public static float[] Noise(int count, int size)
    {
        var random = new CovidCxr.Imaging.Augmentation.SplitMix64(7);
        return [.. Enumerable.Range(0, count * 3 * size * size).Select(_ => (float)random.Normal())];
    }
}

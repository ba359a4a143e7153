using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Backbones;
using CovidCxr.Learning.Checkpoints;

namespace CovidCxr.Learning.Tests;

/// <summary>Untrained model files with weights that are not trivial.</summary>
static class Models
{
    public static ModelHeader Header(string architecture = "resnet18", int classes = 2, int size = 32, string name = "test") => new(
        name, architecture, [.. Enumerable.Range(0, classes).Select(c => $"class {c}")], 0, 0.5, PreprocessingPreset.Square(size), null, [],
        new("tests", ["none"], ["none"], "none"), new Dictionary<string, string> { ["test"] = "1" });

    /// <summary>Writes a network with the seed's weights in half precision.</summary>
    public static string Write(string folder, string name, long seed, int size = 64)
    {
        using var network = BackboneCatalog.Create("resnet18", 2, seed);
        var path = Path.Combine(folder, name + ".safetensors");
        ModelFile.Write(path, Header(size: size, name: name), StateDict.Save(network), inHalfPrecision: true);
        return path;
    }
}

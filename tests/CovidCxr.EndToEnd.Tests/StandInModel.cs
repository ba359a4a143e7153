using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Checkpoints;

namespace CovidCxr.EndToEnd.Tests;

/// <summary>An untrained network in a model file: answers fast, means nothing, and the tests depend on no real one.</summary>
static class StandInModel
{
    public static string Write(string path, string name, long seed, int side)
    {
        using var network = BackboneCatalog.Create("resnet18", Classes.Count, seed);
        var header = new ModelHeader(
            name, "resnet18", Classes, PositiveClass: 0, Threshold: 0.4, PreprocessingPreset.Square(side), Training: null, [],
            new ModelCard("A stand-in for tests: untrained.", ["It knows nothing of X-rays."], ["None."], "None needed."),
            new Dictionary<string, string> { ["test"] = "1" });
        ModelFile.Write(path, header, StateDict.Save(network), inHalfPrecision: true);
        return path;
    }

    public static IReadOnlyList<string> Classes { get; } = ["COVID-19", "Other pneumonia", "Normal"];
}

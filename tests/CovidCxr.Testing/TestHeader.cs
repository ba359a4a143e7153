using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Checkpoints;

namespace CovidCxr.Testing;

/// <summary>The header of an untrained model.</summary>
public static class TestHeader
{
    public static ModelHeader Of(string architecture = "resnet18", int classes = 2, int size = 32, string name = "test") => new(
        name, architecture, [.. Enumerable.Range(0, classes).Select(c => $"class {c}")], 0, 0.5, PreprocessingPreset.Square(size), null, [],
        new("tests", ["none"], ["none"], "none"), new Dictionary<string, string> { ["test"] = "1" });
}

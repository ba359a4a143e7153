using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Learning.Checkpoints;

namespace CovidCxr.Cli.Tests;

/// <summary>A temporary folder with an untrained ResNet18 for 64 pixels, its bare weights, and two drawn films.</summary>
public sealed class Workbench : IDisposable
{
    public static readonly string[] Classes = ["COVID-19", "Pneumonia", "Other"];

    readonly string _folder = Directory.CreateTempSubdirectory("covidcxr-test-").FullName;

    public Workbench()
    {
        using var network = BackboneCatalog.Create("resnet18", Classes.Length, seed: 5);
        var header = new ModelHeader(
            "bench", "resnet18", Classes, 0, 0.25, PreprocessingPreset.Square(64), null,
            [new("test", "sensitivity", 0.5, 0.25, 0.75, 12, "Wilson")], new("for tests", ["untrained"], ["nothing"], "none"),
            new Dictionary<string, string>());
        ModelFile.Write(Model, header, StateDict.Save(network), inHalfPrecision: true);
        WeightsFile.Write(Weights, StateDict.Save(network));
        File.WriteAllBytes(Film, PngEncoder.Encode(PhantomDrawer.Draw(PhantomKind.Clear, seed: 1, 128, bits: 8)));
        File.WriteAllBytes(WideFilm, PngEncoder.Encode(PhantomDrawer.Draw(PhantomKind.Clear, seed: 2, 160, bits: 16)));
        File.WriteAllText(NoFilm, "text under the name of an image");
    }

    public string Model => Path("bench.safetensors");

    public string Weights => Path("weights.safetensors");

    public string Film => Path("film.png");

    public string WideFilm => Path("wide.png");

    public string NoFilm => Path("text.png");

    public string Path(string name) => System.IO.Path.Combine(_folder, name);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Laboratory.Models;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Storage.Files;

namespace CovidCxr.Testing;

/// <summary>Two model files with untrained weights, made once; removed with the process's temporary folder.</summary>
public static class TestModels
{
    static readonly Lazy<(string First, string Second)> Files = new(Make);

    public static string First => Files.Value.First;

    public static string Second => Files.Value.Second;

    /// <summary>Registers and activates, whatever was active.</summary>
    public static async Task<Guid> ActivateAsync(TestClinic clinic, string file, Guid? expectedActive = null)
    {
        var id = await RegisterAsync(clinic, file);
        if (await clinic.Get<ActivateModel>().RunAsync(id, expectedActive, TestClinic.Admin, CancellationToken.None) is { } refusal)
        {
            throw new InvalidOperationException(refusal.ToString());
        }

        CopyGraphs(clinic.Get<DataFolder>().Models, Path.GetDirectoryName(file)!);
        return id;
    }

    public static async Task<Guid> RegisterAsync(TestClinic clinic, string file)
    {
        var id = await clinic.Get<RegisterModel>().RunAsync(file, TestClinic.Admin, CancellationToken.None);
        // The verified graph that an earlier test wrote saves this one the seconds.
        CopyGraphs(Path.GetDirectoryName(file)!, clinic.Get<DataFolder>().Models);
        return id;
    }

    /// <summary>One of its own, whose untrained weights depend on the seed.</summary>
    /// <param name="change">What becomes of a tensor of this name; null for nothing.</param>
    public static void Write(
        string path, long seed, Func<string, StoredTensor, StoredTensor>? change = null, string positive = "COVID-19")
    {
        using var network = BackboneCatalog.Create("resnet18", classes: 2, seed);
        var weights = StateDict.Save(network);
        Write(path, change is null ? weights : weights.ToDictionary(t => t.Key, t => change(t.Key, t.Value)), positive);
    }

    static void CopyGraphs(string from, string to)
    {
        foreach (var graph in Directory.GetFiles(from, "*.onnx").Concat(Directory.GetFiles(from, "*.onnx.sha256")))
        {
            File.Copy(graph, Path.Combine(to, Path.GetFileName(graph)), overwrite: true);
        }
    }

    static (string First, string Second) Make()
    {
        var folder = Directory.CreateTempSubdirectory("covidcxr-models-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        using var network = BackboneCatalog.Create("resnet18", classes: 2, seed: 1);
        var weights = StateDict.Save(network);
        return (Write(Path.Combine(folder, "first.safetensors"), weights), Write(Path.Combine(folder, "second.safetensors"), weights));
    }

    static string Write(string path, IReadOnlyDictionary<string, StoredTensor> weights, string positive = "COVID-19")
    {
        var header = new ModelHeader(
            Path.GetFileNameWithoutExtension(path), "resnet18", ["Unremarkable", positive], PositiveClass: 1, Threshold: 0.5,
            PreprocessingPreset.Square(32), Training: null, [], new("Tests.", [], [], "none"), new Dictionary<string, string>());
        ModelFile.Write(path, header, weights, inHalfPrecision: true);
        return path;
    }
}

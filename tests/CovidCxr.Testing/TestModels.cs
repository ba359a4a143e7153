using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Models;
using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Laboratory.Models;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Gate;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Testing;

/// <summary>Two model files with untrained weights, made once; removed with the process's temporary folder.</summary>
public static class TestModels
{
    static readonly Lazy<(string First, string Second)> Files = new(Make);

    public static string First => Files.Value.First;

    public static string Second => Files.Value.Second;

    /// <summary>What the gate would say of a file, whatever it holds.</summary>
    /// <param name="sha256">Of the model file.</param>
    /// <param name="rival">The model that it was compared with, and how that ended.</param>
    public static string Evidence(
        string sha256, GateVerdict verdict = GateVerdict.Passed, (string Sha256, GateVerdict Verdict)? rival = null) =>
        new GateReport(
            new("m", "resnet18", sha256, ["Unremarkable", "COVID-19"], "COVID-19", 0.5), "films", "test", 100, 100, GateLimits.Current,
            verdict, verdict == GateVerdict.Passed ? "Passed every check." : $"{verdict}: border only.",
            [
                new("border only", verdict, "The border alone tells nothing.", "From the border alone the area is 0.500."),
                .. rival is { } other
                    ? [new(ModelGate.RivalCheck, other.Verdict, "It is no worse.", "It is worse.")]
                    : Array.Empty<GateCheck>(),
            ], [], new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero))
        {
            RivalSha256 = rival?.Sha256,
        }
            .ToJson();

    /// <summary>Gives a version a result of the gate, and the signatures of these people.</summary>
    public static async Task AcceptAsync(TestClinic clinic, Guid id, string? evidence, params Actor[] signers)
    {
        await using var db = clinic.Context();
        var version = await db.ModelVersions.SingleAsync(m => m.Id == id);
        if (evidence is not null)
        {
            db.GateResults.Add(new()
            {
                ModelVersionId = id,
                RunId = Guid.NewGuid(),
                MeasuredAt = clinic.Get<TimeProvider>().GetUtcNow(),
                Evidence = evidence,
            });
            await db.SaveChangesAsync();
        }

        var hash = ModelEvidence.Hash(version, await db.GateResults.Where(g => g.ModelVersionId == id).ToListAsync());
        db.ModelSignatures.AddRange(signers.Select(s => new ModelSignature
        {
            ModelVersionId = id,
            EvidenceHash = hash,
            SignedBy = s.UserId,
            SignedByName = s.UserName,
            SignedAt = clinic.Get<TimeProvider>().GetUtcNow(),
        }));
        await db.SaveChangesAsync();
    }

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

    /// <summary>Registers a version that may be activated: the gate has passed it and an administrator has signed.</summary>
    public static async Task<Guid> RegisterAsync(TestClinic clinic, string file)
    {
        var id = await clinic.Get<RegisterModel>().RunAsync(file, TestClinic.Admin, CancellationToken.None);
        await using var db = clinic.Context();
        if (!await db.GateResults.AnyAsync(g => g.ModelVersionId == id))
        {
            await AcceptAsync(clinic, id, Evidence(ModelFile.Read(file).Sha256), TestClinic.Admin);
        }

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

    // Tests that run beside each other share one of the folders.
    static void CopyGraphs(string from, string to)
    {
        lock (Files)
        {
            foreach (var graph in Directory.GetFiles(from, "*.onnx").Concat(Directory.GetFiles(from, "*.onnx.sha256")))
            {
                File.Copy(graph, Path.Combine(to, Path.GetFileName(graph)), overwrite: true);
            }
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

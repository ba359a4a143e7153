using System.Globalization;
using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Incidents;

/// <param name="FileName">Without a patient's data.</param>
public sealed record IncidentPack(string FileName, byte[] Zip);

/// <summary>
/// All that is needed to look into one study's answer elsewhere, as a zip: the files as they were uploaded, what the models said and which
/// they were, readings, references, corrections, the audit trail of the study, and the program's version. Who computes the file again with
/// the model of this hash gets the same bits on the CPU. It holds a patient's data.
/// </summary>
public sealed class PackIncident(
    IDbContextFactory<CovidCxrDbContext> contexts, BlobStore blobs, RevealedStudies revealed, Disclosures disclosures, AuditLog audit,
    TimeProvider time)
{
    static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        // For people's eyes and for no page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <returns>Null where there is no such study.</returns>
    /// <exception cref="AccessRefusedException">The person is no administrator, or reads films and has not read this one.</exception>
    public async Task<IncidentPack?> RunAsync(Guid studyId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (await db.AllStudies.AsNoTracking().SingleOrDefaultAsync(s => s.Id == studyId, cancellation) is not { } study)
        {
            return null;
        }

        if (await revealed.ToAsync(db, actor, cancellation) is { } seen && !await seen.AnyAsync(s => s.Id == studyId, cancellation))
        {
            await audit.RecordAsync(actor, AuditAction.IncidentPack, AuditOutcome.Refused, studyId, "waits for the own reading");
            throw new AccessRefusedException("The model's answer waits for your own reading.");
        }

        // An administrator who reads films has seen the answer from now on.
        await disclosures.NoteAsync(db, [studyId], actor, cancellation);
        var files = await FilesAsync(db, study, cancellation);
        var zip = Zip(files, actor);
        await audit.RecordAsync(actor, AuditAction.IncidentPack, AuditOutcome.Succeeded, studyId, Hash(zip));
        return new($"incident-{studyId}.zip", zip);
    }

    async Task<List<(string Name, byte[] Content)>> FilesAsync(CovidCxrDbContext db, Study study, CancellationToken cancellation)
    {
        var predictions = await db.Predictions.AsNoTracking().Where(p => p.StudyId == study.Id).OrderBy(p => p.CreatedAt)
            .ToListAsync(cancellation);
        var versions = predictions.ConvertAll(p => p.ModelVersionId);
        var models = await db.ModelVersions.AsNoTracking().Where(m => versions.Contains(m.Id)).OrderBy(m => m.Number)
            .ToListAsync(cancellation);
        var images = await db.StudyImages.AsNoTracking().Where(i => i.StudyId == study.Id).OrderBy(i => i.ReceivedAt).ThenBy(i => i.Id)
            .ToListAsync(cancellation);
        var trail = await db.Audit.AsNoTracking().Where(a => a.StudyId == study.Id).OrderBy(a => a.Id).ToListAsync(cancellation);
        List<(string, byte[])> files =
        [
            ("study.json", Write(study)),
            ("images.json", Write(images)),
            ("predictions.json", Write(predictions)),
            ("models.json", Write(models.ConvertAll(Described))),
            ("readings.json", Write(await db.Readings.AsNoTracking().Where(r => r.StudyId == study.Id).OrderBy(r => r.CreatedAt)
                .ToListAsync(cancellation))),
            ("references.json", Write(await db.ReferenceFindings.AsNoTracking().Where(f => f.StudyId == study.Id)
                .OrderBy(f => f.EnteredAt).ToListAsync(cancellation))),
            ("changes.json", Write(await db.StudyChanges.AsNoTracking().Where(c => c.StudyId == study.Id).OrderBy(c => c.Id)
                .ToListAsync(cancellation))),
            ("audit.json", Write(trail)),
            ("report.txt", Encoding.UTF8.GetBytes(Report(study, predictions, models, trail.Count))),
        ];
        // Its file may be what the incident is about.
        if (blobs.Exists(study.ImageKey))
        {
            files.Add(("input", await blobs.ReadAsync(study.ImageKey, cancellation)));
        }

        foreach (var (number, image) in images.Index().Where(i => blobs.Exists(i.Item.ImageKey)))
        {
            files.Add(($"further-image-{number + 1}", await blobs.ReadAsync(image.ImageKey, cancellation)));
        }

        return files;
    }

    // The header says how a film becomes the network's input: size, crop, grey values.
    static object Described(ModelVersion model) => new
    {
        model.Id,
        model.Number,
        model.Name,
        model.Architecture,
        model.Sha256,
        model.RegisteredAt,
        Header = JsonSerializer.Deserialize<JsonElement>(model.HeaderJson, JsonSerializerOptions.Default),
    };

    static string Report(Study study, List<Prediction> predictions, List<ModelVersion> models, int entries)
    {
        var text = new StringBuilder();
        Line($"Study {study.Id}, received {study.ReceivedAt:u}, {study.Status}{(study.IsWithdrawn ? ", withdrawn" : "")}.");
        Line($"Pixels {study.Width} x {study.Height}, {study.BitsStored} bits, SHA-256 of them {study.PixelHash}.");
        Line($"{study.StatusReason}");
        foreach (var p in predictions)
        {
            var model = models.Find(m => m.Id == p.ModelVersionId)!;
            Line($"{p.CreatedAt:u}: version {model.Number}, {model.Name} ({model.Architecture}), file {model.Sha256}, on {p.Device}:");
            Line($"  {p.Classes[p.PredictedIndex]}; {p.PositiveClass} {p.Probabilities[p.PositiveIndex]:R}, threshold {p.Threshold:R}.");
        }

        Line($"{entries} entries of the audit trail are about it. Decision support, not a diagnosis.");
        return text.ToString();

        void Line(FormattableString words) => text.AppendLine(words.ToString(CultureInfo.InvariantCulture));
    }

    // With a list of its files and their hashes.
    byte[] Zip(List<(string Name, byte[] Content)> files, Actor actor)
    {
        var now = time.GetUtcNow();
        var manifest = Write(new
        {
            Program = typeof(PackIncident).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion,
            PackedAt = now,
            PackedBy = actor.UserName,
            Files = files.ToDictionary(f => f.Name, f => Hash(f.Content)),
        });
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files.Prepend(("manifest.json", manifest)))
            {
                var entry = zip.CreateEntry(name);
                entry.LastWriteTime = now;
                using var to = entry.Open();
                to.Write(content);
            }
        }

        return stream.ToArray();
    }

    static byte[] Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Json);

    static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}

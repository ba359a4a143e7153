using System.Data.Common;
using System.Security.Cryptography;
using CovidCxr.Domain.Models;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Laboratory.Models;

/// <summary>
/// At start-up: the active version into memory; where none was ever registered, the starter model. A starter that an earlier start
/// registered and did not activate, because it was killed or refused, is tried again. Whatever is wrong with a model is logged
/// and the program starts: X-rays are taken in and read without one, and their analyses wait.
/// </summary>
public sealed class StartModel(
    IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, RegisterModel register, ActivateModel activate, TimeProvider time,
    ILogger<StartModel> logger)
{
    /// <summary>Of the file beside the starter model that holds what the gate said of it.</summary>
    public const string GateExtension = ".gate.json";

    /// <param name="starter">Path of the model that comes with the program.</param>
    public async Task RunAsync(string starter, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var active = await db.ModelVersions.Where(m => m.IsActive).Select(m => (Guid?)m.Id).SingleOrDefaultAsync(cancellation);
        var isFirst = !await db.ModelVersions.AnyAsync(cancellation);
        if ((isFirst ? await RegisterAsync(starter, cancellation) : active ?? await LeftAsync(db, starter, cancellation)) is { } chosen)
        {
            if (await activate.RunAsync(chosen, active, actor: null, cancellation) is { } refusal)
            {
                logger.LogError("The active model cannot be served: {Refusal}", refusal);
            }
        }
        else if (!isFirst)
        {
            logger.LogWarning("No model is active: uploads wait until an administrator activates one.");
        }

        await NoteWeightsAsync(db, cancellation);
    }

    // Versions of before the weights had a hash of their own, after films are answered: many files take a while. One whose file cannot be
    // read is never activated either.
    async Task NoteWeightsAsync(CovidCxrDbContext db, CancellationToken cancellation)
    {
        // The oldest first: a copy is known no sooner than what it is a copy of.
        foreach (var version in await db.ModelVersions.AsNoTracking().Where(m => m.WeightsSha256 == null).OrderBy(m => m.Number)
            .ToListAsync(cancellation))
        {
            try
            {
                var hash = await Task.Run(() => WeightsOf(version), cancellation);
                await db.ModelVersions.Where(m => m.Id == version.Id)
                    .ExecuteUpdateAsync(s => s.SetProperty(m => m.WeightsSha256, hash), cancellation);
            }
            catch (Exception e) when (e is ModelFileException or IOException or UnauthorizedAccessException)
            {
                logger.LogWarning("The file of version {Version} cannot be read: {Reason}", version.Number, e.Message);
            }
            catch (DbException e)
            {
                logger.LogWarning("The weights of version {Version} are not noted: {Reason}", version.Number, e.Message);
            }
        }
    }

    string WeightsOf(ModelVersion version)
    {
        var file = ModelFile.Read(Path.Combine(folder.Models, version.FileKey));
        return file.Sha256 == version.Sha256 ? file.WeightsHash() : throw new ModelFileException("It is another file than was registered.");
    }

    // What the gate said of the starter where it was trained, on films that are not here.
    async Task KeepGateAsync(Guid version, string path, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (File.Exists(path) && !await db.GateResults.AnyAsync(g => g.RunId == version, cancellation))
        {
            db.GateResults.Add(new()
            {
                ModelVersionId = version,
                RunId = version,
                MeasuredAt = time.GetUtcNow(),
                Evidence = await File.ReadAllTextAsync(path, cancellation),
            });
            await db.SaveChangesAsync(cancellation);
        }
    }

    static async Task<Guid?> LeftAsync(CovidCxrDbContext db, string starter, CancellationToken cancellation)
    {
        if (!File.Exists(starter))
        {
            return null;
        }

        await using var file = File.OpenRead(starter);
        var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation));
        return await db.ModelVersions.Where(m => m.Sha256 == hash).Select(m => (Guid?)m.Id).SingleOrDefaultAsync(cancellation);
    }

    async Task<Guid?> RegisterAsync(string starter, CancellationToken cancellation)
    {
        if (!File.Exists(starter))
        {
            logger.LogWarning(
                "The starter model is missing: there is no {Path}. No model is active, and uploads wait until an administrator registers "
                    + "and activates one.",
                starter);
            return null;
        }

        try
        {
            var id = await register.RunAsync(starter, actor: null, cancellation);
            await KeepGateAsync(id, Path.ChangeExtension(starter, GateExtension), cancellation);
            return id;
        }
        catch (Exception e) when (e is ModelFileException or IOException)
        {
            logger.LogError(
                "The starter model {Path} cannot be registered, so no model is active and uploads wait: {Reason}", starter, e.Message);
            return null;
        }
    }
}

using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Models;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Files;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Models;

/// <summary>
/// Takes a model file into the registry: copied, numbered, not yet active. The same file again is the version that it was.
/// </summary>
public sealed class RegisterModel(IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, AuditLog audit, TimeProvider time)
{
    /// <param name="actor">Null for the program itself at start-up.</param>
    /// <exception cref="ModelFileException">The file is no model.</exception>
    public async Task<Guid> RunAsync(string path, Actor? actor, CancellationToken cancellation)
    {
        actor?.Demand(Role.Admin);
        var (file, weights) = await Task.Run(
            () =>
            {
                var read = ModelFile.Read(path);
                return (read, read.WeightsHash());
            },
            cancellation);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        // Of two registrations at once each gets a number of its own.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (await db.ModelVersions.Where(m => m.Sha256 == file.Sha256).Select(m => (Guid?)m.Id).SingleOrDefaultAsync(
            cancellation) is { } known)
        {
            return known;
        }

        Directory.CreateDirectory(folder.Models);
        var key = file.Sha256 + ".safetensors";
        DurableFile.Write(Path.Combine(folder.Models, key), target =>
        {
            using var source = File.OpenRead(path);
            source.CopyTo(target);
        });
        var version = new ModelVersion
        {
            Number = (await db.ModelVersions.MaxAsync(m => (int?)m.Number, cancellation) ?? 0) + 1,
            Name = file.Header.Name,
            Architecture = file.Header.Architecture,
            Sha256 = file.Sha256,
            WeightsSha256 = weights,
            FileKey = key,
            HeaderJson = file.Header.ToJson(),
            RegisteredAt = time.GetUtcNow(),
        };
        db.ModelVersions.Add(version);
        audit.AddTo(db, actor, AuditAction.ModelRegister, AuditOutcome.Succeeded, detail: ModelHistory.NameOf(version.Number));
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return version.Id;
    }
}

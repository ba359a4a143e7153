using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Readings;
using CovidCxr.Engine.Serving;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Shadow;

/// <summary>Puts a version that is not active into the shadow: from now on it scores every newly analysed study, silently.</summary>
public sealed class StartShadow(
    IDbContextFactory<CovidCxrDbContext> contexts, ShadowHost shadow, DataFolder folder, AuditLog audit, TimeProvider time)
{
    /// <returns>Null where it is in the shadow, else why not.</returns>
    public async Task<string?> RunAsync(Guid versionId, string? reason, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        if (LocalAcceptance.ReasonRefusal(reason) is { } invalid)
        {
            return invalid;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var version = await db.ModelVersions.AsNoTracking().SingleOrDefaultAsync(m => m.Id == versionId, cancellation);
        if (version is null)
        {
            return "There is no such version.";
        }

        var refusal = await RefusalAsync(db, version, cancellation) ?? await LoadAsync(version, cancellation);
        if (refusal is null)
        {
            // One transaction in which nothing can have come in between.
            await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
            refusal = await RefusalAsync(db, version, cancellation);
            if (refusal is null)
            {
                db.ShadowPeriods.Add(new()
                {
                    ModelVersionId = version.Id,
                    IsOpen = true,
                    From = time.GetUtcNow(),
                    Reason = reason!.Trim(),
                    StartedBy = actor.UserId,
                    StartedByName = actor.UserName,
                });
                audit.AddTo(db, actor, AuditAction.ShadowControl, AuditOutcome.Succeeded, detail: $"{NameOf(version)}, started");
                await db.SaveChangesAsync(cancellation);
                await transaction.CommitAsync(cancellation);
                return null;
            }

            await shadow.UnloadAsync(CancellationToken.None);
        }

        await audit.RecordAsync(actor, AuditAction.ShadowControl, AuditOutcome.Refused, detail: NameOf(version));
        return refusal;
    }

    internal static string NameOf(ModelVersion version) => FormattableString.Invariant($"version {version.Number}");

    static async Task<string?> RefusalAsync(CovidCxrDbContext db, ModelVersion version, CancellationToken cancellation) =>
        await db.ShadowPeriods.AnyAsync(p => p.IsOpen, cancellation) ? "Another version is in the shadow. End that first."
            : await db.ModelVersions.AnyAsync(m => m.Id == version.Id && m.IsActive, cancellation) ? "This version is active."
            : ModelHeader.FromJson(version.HeaderJson) is var header && !ReadDisease.Is(header.Classes[header.PositiveClass])
            ? $"The clinic reads for {ReadDisease.Name}, and this model looks for {header.Classes[header.PositiveClass]}."
            : null;

    // What is broken is found now, and not by the first study.
    async Task<string?> LoadAsync(ModelVersion version, CancellationToken cancellation)
    {
        try
        {
            await shadow.LoadAsync(Path.Combine(folder.Models, version.FileKey), version.Sha256, cancellation);
            return null;
        }
        catch (ModelFileException e)
        {
            return e.Message;
        }
    }
}

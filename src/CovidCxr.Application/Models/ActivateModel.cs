using CovidCxr.Application.Accounts;
using CovidCxr.Application.Audit;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Serving;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Application.Models;

/// <summary>Puts a version to work: loaded and tried first, then made the active one if the active one is still the expected.</summary>
public sealed class ActivateModel(IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, ModelHost host, AuditLog audit, TimeProvider time)
{
    /// <param name="expectedActive">The version that the person saw as active; null for none.</param>
    /// <param name="actor">Null for the program itself at start-up.</param>
    /// <returns>Null where it worked, else why not.</returns>
    public async Task<string?> RunAsync(Guid versionId, Guid? expectedActive, Actor? actor, CancellationToken cancellation)
    {
        actor?.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var version = await db.ModelVersions.SingleOrDefaultAsync(m => m.Id == versionId, cancellation);
        var active = await db.ModelVersions.SingleOrDefaultAsync(m => m.IsActive, cancellation);
        if (version is null || active?.Id != expectedActive)
        {
            return version is null ? "There is no such version." : "Another version was activated in the meantime. Look at the list again.";
        }

        try
        {
            await host.SwapAsync(Path.Combine(folder.Models, version.FileKey), cancellation);
        }
        catch (ModelFileException e)
        {
            audit.AddTo(db, actor, AuditAction.ModelActivate, AuditOutcome.Failed, detail: $"version {version.Number}");
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return e.Message;
        }

        // Two statements, because at most one row may be active at any moment.
        if (active is not null && active != version)
        {
            active.IsActive = false;
            await db.SaveChangesAsync(cancellation);
        }

        (version.IsActive, version.ActivatedAt) = (true, time.GetUtcNow());
        audit.AddTo(db, actor, AuditAction.ModelActivate, AuditOutcome.Succeeded, detail: $"version {version.Number}");
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return null;
    }
}

using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Engine.Serving;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Models;

/// <summary>
/// Puts a version to work: loaded and tried on X-rays first, then made the active one if the active one is still the expected, then swapped
/// in. Nothing can fail between the commit and the swap, and one activation waits for the other, so that host and database name the same
/// version.
/// </summary>
public sealed class ActivateModel(
    IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, ModelHost host, TryModel trial, AuditLog audit, TimeProvider time)
    : IDisposable
{
    const string Overtaken = "Another version was activated in the meantime. Look at the list again.";

    readonly SemaphoreSlim _turn = new(1);

    /// <param name="expectedActive">The version that the person saw as active; null for none.</param>
    /// <param name="actor">Null for the program itself at start-up.</param>
    /// <returns>Null where it worked, else why not.</returns>
    public async Task<string?> RunAsync(Guid versionId, Guid? expectedActive, Actor? actor, CancellationToken cancellation)
    {
        actor?.Demand(Role.Admin);
        await _turn.WaitAsync(cancellation);
        try
        {
            return await TryAsync(versionId, expectedActive, actor, cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    async Task<string?> TryAsync(Guid versionId, Guid? expectedActive, Actor? actor, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var version = await db.ModelVersions.AsNoTracking().SingleOrDefaultAsync(m => m.Id == versionId, cancellation);
        var active = await db.ModelVersions.Where(m => m.IsActive).Select(m => (Guid?)m.Id).SingleOrDefaultAsync(cancellation);
        if (version is null || active != expectedActive)
        {
            return await RefuseAsync(
                version is null ? "There is no such version." : Overtaken,
                version is null ? "unknown version" : ModelHistory.NameOf(version.Number), AuditOutcome.Refused, actor);
        }

        LoadedModel loaded;
        try
        {
            if (Objection(ModelHeader.FromJson(version.HeaderJson)) is { } objection)
            {
                return await RefuseAsync(objection, ModelHistory.NameOf(version.Number), AuditOutcome.Refused, actor);
            }

            // Takes seconds, so outside any transaction: uploads and readings are written meanwhile.
            loaded = await host.LoadAsync(Path.Combine(folder.Models, version.FileKey), cancellation);
        }
        catch (ModelFileException e)
        {
            return await RefuseAsync(e.Message, ModelHistory.NameOf(version.Number), AuditOutcome.Failed, actor);
        }

        using (loaded)
        {
            var tried = await trial.RunAsync(loaded, cancellation);
            var detail = $"{ModelHistory.NameOf(version.Number)}, {tried.TriedOn}";
            if (tried.Refusal is { } refusal)
            {
                return await RefuseAsync(refusal, detail, AuditOutcome.Failed, actor);
            }

            if (!await CompareAndSetAsync(versionId, expectedActive, detail, actor, cancellation))
            {
                return await RefuseAsync(Overtaken, detail, AuditOutcome.Refused, actor);
            }

            host.Swap(loaded);
            return null;
        }
    }

    // Beside its answer stand readings about the disease, and the two are counted as agreeing or not.
    static string? Objection(ModelHeader header) =>
        header.Classes[header.PositiveClass] is var looksFor && ReadDisease.Is(looksFor)
            ? null
            : $"The clinic reads for {ReadDisease.Name}, and this model looks for {looksFor}: its answers cannot stand beside the "
                + $"readings. Where both mean the same, the model's positive class has to be called {ReadDisease.Name}.";

    async Task<bool> CompareAndSetAsync(Guid versionId, Guid? expectedActive, string detail, Actor? actor, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var version = await db.ModelVersions.SingleAsync(m => m.Id == versionId, cancellation);
        var active = await db.ModelVersions.SingleOrDefaultAsync(m => m.IsActive, cancellation);
        if (active?.Id != expectedActive)
        {
            return false;
        }

        if (active == version)
        {
            // A start, which loads what was active before: nobody decided anything.
            return true;
        }

        // Two statements, because at most one row may be active at any moment.
        if (active is not null)
        {
            active.IsActive = false;
            await db.SaveChangesAsync(cancellation);
        }

        (version.IsActive, version.ActivatedAt) = (true, time.GetUtcNow());
        audit.AddTo(db, actor, AuditAction.ModelActivate, AuditOutcome.Succeeded, detail: detail);
        await db.SaveChangesAsync(cancellation);
        // From here on it happens, whoever leaves: a commit that was cancelled halfway would leave open what stands.
        await transaction.CommitAsync(CancellationToken.None);
        return true;
    }

    async Task<string> RefuseAsync(string reason, string detail, AuditOutcome outcome, Actor? actor)
    {
        await audit.RecordAsync(actor, AuditAction.ModelActivate, outcome, detail: detail);
        return reason;
    }
}

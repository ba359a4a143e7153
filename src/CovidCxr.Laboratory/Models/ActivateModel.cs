using System.Data.Common;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Readings;
using CovidCxr.Engine.Serving;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Platform.Audit;
using CovidCxr.Platform.Nodes;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CovidCxr.Laboratory.Models;

/// <summary>
/// Puts a version to work: its acceptance checked, loaded and tried on X-rays, then made the active one if the active one is still the
/// expected and the acceptance still holds, then swapped in. Nothing can fail between the commit and the swap, and one activation waits for
/// the other, so that host and database name the same version.
/// </summary>
public sealed class ActivateModel(
    IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, ModelHost host, TryModel trial, PinGoldenFilms golden, AuditLog audit,
    NodeNews news, TimeProvider time, IOptions<ModelOptions> options) : IDisposable
{
    const string Overtaken = "Another version was activated in the meantime. Look at the list again.";

    const string Replaced = "The file of this version is not the one that was registered.";

    readonly SemaphoreSlim _turn = new(1);

    /// <param name="expectedActive">The version that the person saw as active; null for none.</param>
    /// <param name="actor">Null for the program itself at start-up, which needs no acceptance: it loads what was active, or the first
    /// version that there ever is.</param>
    /// <returns>Null where it worked, else why not.</returns>
    public Task<string?> RunAsync(Guid versionId, Guid? expectedActive, Actor? actor, CancellationToken cancellation) =>
        RunAsync(new(versionId, expectedActive, actor, Withdraws: false), cancellation);

    /// <summary>The same, and the active version is withdrawn by it: its signatures no longer count.</summary>
    /// <param name="actor">Null for the program itself, where the active one fails.</param>
    internal Task<string?> ReturnAsync(Guid versionId, Guid active, Actor? actor, CancellationToken cancellation) =>
        RunAsync(new(versionId, active, actor, Withdraws: true), cancellation);

    sealed record Change(Guid VersionId, Guid? ExpectedActive, Actor? Actor, bool Withdraws);

    async Task<string?> RunAsync(Change change, CancellationToken cancellation)
    {
        change.Actor?.Demand(Role.Admin);
        await _turn.WaitAsync(cancellation);
        try
        {
            return await TryAsync(change, cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Takes the active version out of memory, so that none answers; unless another one is active by now.</summary>
    /// <returns>Whether that was done.</returns>
    internal async Task<bool> UnloadAsync(Guid active, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            await using var db = await contexts.CreateDbContextAsync(cancellation);
            if (!await db.ModelVersions.AnyAsync(m => m.Id == active && m.IsActive, cancellation))
            {
                return false;
            }

            host.Unload();
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    async Task<string?> TryAsync(Change change, CancellationToken cancellation)
    {
        var actor = change.Actor;
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var version = await db.ModelVersions.AsNoTracking().SingleOrDefaultAsync(m => m.Id == change.VersionId, cancellation);
        if (version is null)
        {
            return await RefuseAsync("There is no such version.", "unknown version", AuditOutcome.Refused, actor);
        }

        var name = ModelHistory.NameOf(version.Number);
        LoadedModel loaded;
        try
        {
            if (await ObjectionAsync(db, version, change, cancellation) is { } objection)
            {
                return await RefuseAsync(objection, name, AuditOutcome.Refused, actor);
            }

            // Takes seconds, so outside any transaction: uploads and readings are written meanwhile.
            loaded = await host.LoadAsync(Path.Combine(folder.Models, version.FileKey), cancellation);
        }
        catch (ModelFileException e)
        {
            return await RefuseAsync(e.Message, name, AuditOutcome.Failed, actor);
        }
        catch (Exception e) when (e is not OperationCanceledException and not DbException)
        {
            return await RefuseAsync($"The model cannot be loaded ({e.GetType().Name}).", name, AuditOutcome.Failed, actor);
        }

        using (loaded)
        {
            if (loaded.Sha256 != version.Sha256)
            {
                return await RefuseAsync(Replaced, name, AuditOutcome.Failed, actor);
            }

            var (detail, refusal) = await TryAsync(loaded, version, name, change, cancellation);
            if (refusal is not null)
            {
                return await RefuseAsync(refusal, detail, AuditOutcome.Failed, actor);
            }

            if (await CompareAndSetAsync(change, detail, cancellation) is { } overtaken)
            {
                return await RefuseAsync(overtaken, detail, AuditOutcome.Refused, actor);
            }

            host.Swap(loaded);
            news.Tell(FollowActiveModel.Topic, name);
            return null;
        }
    }

    // Whatever it throws on a film, it must not be put to work, and the one that is active stays.
    async Task<(string Detail, string? Refusal)> TryAsync(
        LoadedModel loaded, ModelVersion version, string name, Change change, CancellationToken cancellation)
    {
        var detail = $"{name}, {(change.Withdraws ? "rolled back" : "tried")}";
        try
        {
            var tried = await trial.RunAsync(loaded, cancellation);
            detail = $"{name}, {(change.Withdraws ? "rolled back, " : "")}{tried.TriedOn}";
            return (detail, tried.Refusal
                ?? await golden.PinAsync(version.Id, loaded, change is { Withdraws: true, Actor: null }, cancellation));
        }
        catch (Exception e) when (e is not OperationCanceledException and not DbException)
        {
            return (detail, $"The model must not be put to work: it cannot answer ({e.GetType().Name}).");
        }
    }

    async Task<string?> ObjectionAsync(CovidCxrDbContext db, ModelVersion version, Change change, CancellationToken cancellation)
    {
        var active = await db.ModelVersions.Where(m => m.IsActive).Select(m => (Guid?)m.Id).SingleOrDefaultAsync(cancellation);
        return active != change.ExpectedActive ? Overtaken
            : Objection(ModelHeader.FromJson(version.HeaderJson)) is { } objection ? objection
            : change.Actor is null ? null
            : active == version.Id ? "This version is active already."
            : (await Acceptance.ReadAsync(db, version, options.Value, cancellation, change.Withdraws)).Objection;
    }

    // Beside its answer stand readings about the disease, and the two are counted as agreeing or not.
    static string? Objection(ModelHeader header) =>
        header.Classes[header.PositiveClass] is var looksFor && ReadDisease.Is(looksFor)
            ? null
            : $"The clinic reads for {ReadDisease.Name}, and this model looks for {looksFor}: its answers cannot stand beside the "
                + $"readings. Where both mean the same, the model's positive class has to be called {ReadDisease.Name}.";

    /// <returns>Null where it is the active one now, else what came in between.</returns>
    async Task<string?> CompareAndSetAsync(Change change, string detail, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var version = await db.ModelVersions.SingleAsync(m => m.Id == change.VersionId, cancellation);
        if (await ObjectionAsync(db, version, change, cancellation) is { } objection)
        {
            return objection;
        }

        if (version.IsActive)
        {
            // A start, which loads what was active before: nobody decided anything.
            return null;
        }

        // Two statements, because at most one row may be active at any moment.
        var now = time.GetUtcNow();
        if (await db.ModelVersions.SingleOrDefaultAsync(m => m.IsActive, cancellation) is { } active)
        {
            active.IsActive = false;
            if (await db.ModelPeriods.SingleOrDefaultAsync(p => p.Until == null, cancellation) is { } period)
            {
                (period.Until, period.IsWithdrawn) = (now, change.Withdraws);
            }

            if (change.Withdraws)
            {
                await EndAcceptanceAsync(db, active, change.Actor, now, cancellation);
            }

            await db.SaveChangesAsync(cancellation);
        }

        if (await db.ShadowPeriods.SingleOrDefaultAsync(p => p.IsOpen && p.ModelVersionId == version.Id, cancellation) is { } shadow)
        {
            shadow.End(now, change.Actor?.UserName ?? "the program", "It became the active version.");
        }

        (version.IsActive, version.ActivatedAt) = (true, now);
        db.ModelPeriods.Add(new()
        {
            Number = (await db.ModelPeriods.MaxAsync(p => (int?)p.Number, cancellation) ?? 0) + 1,
            ModelVersionId = version.Id,
            From = now,
            StartedBy = change.Actor?.UserId,
            StartedByName = change.Actor?.UserName,
            IsRollBack = change.Withdraws,
        });
        audit.AddTo(db, change.Actor, AuditAction.ModelActivate, AuditOutcome.Succeeded, detail: detail);
        await db.SaveChangesAsync(cancellation);
        // From here on it happens, whoever leaves: a commit that was cancelled halfway would leave open what stands.
        await transaction.CommitAsync(CancellationToken.None);
        return null;
    }

    // Of a version that was taken out of service nobody may go on believing that it is accepted here.
    async Task EndAcceptanceAsync(
        CovidCxrDbContext db, ModelVersion version, Actor? actor, DateTimeOffset at, CancellationToken cancellation)
    {
        var newest = await db.LocalAcceptances.AsNoTracking().Where(a => a.ModelVersionId == version.Id).OrderByDescending(a => a.Id)
            .FirstOrDefaultAsync(cancellation);
        if (newest is not { IsWithdrawal: false })
        {
            return;
        }

        db.LocalAcceptances.Add(new()
        {
            ModelVersionId = version.Id,
            IsWithdrawal = true,
            Threshold = newest.Threshold,
            Evidence = newest.Evidence,
            EvidenceHash = newest.EvidenceHash,
            Reason = "The version was taken out of service by a roll back.",
            AcceptedBy = actor?.UserId ?? Guid.Empty,
            AcceptedByName = actor?.UserName ?? "the program",
            AcceptedAt = at,
        });
        audit.AddTo(
            db, actor, AuditAction.LocalAcceptance, AuditOutcome.Succeeded, detail: $"{ModelHistory.NameOf(version.Number)}, withdrawn");
    }

    async Task<string> RefuseAsync(string reason, string detail, AuditOutcome outcome, Actor? actor)
    {
        await audit.RecordAsync(actor, AuditAction.ModelActivate, outcome, detail: detail);
        return reason;
    }
}

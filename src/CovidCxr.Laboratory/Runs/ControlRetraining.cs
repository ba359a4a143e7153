using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Training;
using CovidCxr.Platform.Audit;
using CovidCxr.Platform.Jobs;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Runs;

/// <summary>Pause, go on, stop and keep the best epoch, or cancel.</summary>
public sealed class ControlRetraining(IDbContextFactory<CovidCxrDbContext> contexts, JobQueue queue, AuditLog audit)
{
    /// <returns>Null where the wish is noted, else why not.</returns>
    public async Task<string?> RunAsync(Guid runId, RetrainingWish wish, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var run = await db.RetrainingRuns.SingleOrDefaultAsync(r => r.Id == runId, cancellation);
        if (run is null || !run.MayBecome(wish))
        {
            return run is null ? "There is no such run." : "The run has moved on in the meantime.";
        }

        var wasPaused = run.State == RetrainingState.Paused;
        if (wasPaused && wish == RetrainingWish.Cancel)
        {
            (run.State, run.Wish) = (RetrainingState.Cancelled, RetrainingWish.GoOn);
        }
        else
        {
            run.Wish = wish;
        }

        if (wish == RetrainingWish.GoOn)
        {
            run.State = RetrainingState.Waiting;
            RunRetraining.AddTo(queue, db, run);
        }

        audit.AddTo(db, actor, AuditAction.RetrainingControl, AuditOutcome.Succeeded, detail: $"run {run.Number}: {wish}");
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        queue.Wake(RunRetraining.JobKind);
        return null;
    }
}

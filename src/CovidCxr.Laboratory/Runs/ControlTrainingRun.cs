using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Runs;
using CovidCxr.Laboratory.Plans;
using CovidCxr.Platform.Audit;
using CovidCxr.Platform.Jobs;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Runs;

/// <summary>Pause, go on, stop and keep the best epoch, or cancel.</summary>
public sealed class ControlTrainingRun(IDbContextFactory<CovidCxrDbContext> contexts, JobQueue queue, AuditLog audit)
{
    /// <returns>Null where the request is noted, else why not.</returns>
    public async Task<string?> RunAsync(Guid runId, RunRequest request, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var run = await db.TrainingRuns.SingleOrDefaultAsync(r => r.Id == runId, cancellation);
        if (run is null || !run.MayBecome(request))
        {
            return run is null ? "There is no such run." : "The run has moved on in the meantime.";
        }

        var wasPaused = run.State == RunState.Paused;
        if (wasPaused && request == RunRequest.Cancel)
        {
            (run.State, run.Request) = (RunState.Cancelled, RunRequest.GoOn);
        }
        else
        {
            run.Request = request;
        }

        if (request == RunRequest.GoOn)
        {
            run.State = RunState.Waiting;
            TrainingRunJob.AddTo(queue, db, run);
        }

        if (request == RunRequest.StopAndKeepBest && run.Plan is not null)
        {
            // Whoever stops when the figures please chooses by them.
            run.LeavePlan($"{actor.UserName} stopped it before its planned end.");
            audit.AddTo(db, actor, AuditAction.PlanDeparture, AuditOutcome.Succeeded, detail: RunPlan.AuditDeparture(run.Number));
        }

        audit.AddTo(db, actor, AuditAction.RetrainingControl, AuditOutcome.Succeeded, detail: $"run {run.Number}: {request}");
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        queue.Wake(TrainingRunJob.JobKind);
        return null;
    }
}

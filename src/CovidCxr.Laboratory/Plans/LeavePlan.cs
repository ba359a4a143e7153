using System.Globalization;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Models;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Plans;

/// <summary>
/// Notes that something is done otherwise than a run's frozen plan says. The plan stays as it was; the run is off it from then on, and
/// nothing takes that back.
/// </summary>
public sealed class LeavePlan(IDbContextFactory<CovidCxrDbContext> contexts, AuditLog audit, TimeProvider time)
{
    /// <param name="reason">What is different, and why.</param>
    /// <returns>Null where it is noted, else why not.</returns>
    public async Task<string?> RunAsync(Guid runId, string? reason, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        if (LocalAcceptance.ReasonRefusal(reason) is { } refusal)
        {
            return refusal;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var run = await db.TrainingRuns.SingleOrDefaultAsync(r => r.Id == runId, cancellation);
        if (run?.Plan is null)
        {
            return run is null ? "There is no such run." : "The run has no plan that it could leave.";
        }

        run.LeavePlan(string.Create(
            CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyy-MM-dd HH:mm} UTC, {actor.UserName}: {reason!.Trim()}"));
        audit.AddTo(db, actor, AuditAction.PlanDeparture, AuditOutcome.Succeeded, detail: RunPlan.AuditDeparture(run.Number));
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return null;
    }
}

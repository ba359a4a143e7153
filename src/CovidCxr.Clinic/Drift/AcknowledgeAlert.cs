using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Drift;

/// <summary>The lead has seen an alert. It stays in the list, with who acknowledged it and when.</summary>
public sealed class AcknowledgeAlert(
    IDbContextFactory<CovidCxrDbContext> contexts, KnownAlerts known, AuditLog audit, AlertChanges changes, TimeProvider time)
{
    /// <returns>False where there is none that this person may know, or somebody was faster.</returns>
    public async Task<bool> RunAsync(long alertId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var alert = await db.QualityAlerts.SingleOrDefaultAsync(a => a.Id == alertId && a.AcknowledgedAt == null, cancellation);
        if (alert is null || (await known.OfAsync(db, [alert], actor, cancellation)).Known.Count == 0)
        {
            return false;
        }

        (alert.AcknowledgedAt, alert.AcknowledgedBy, alert.AcknowledgedByName) = (time.GetUtcNow(), actor.UserId, actor.UserName);
        audit.AddTo(
            db, actor, AuditAction.AlertAcknowledge, AuditOutcome.Succeeded, detail: $"{alert.Kind} from {alert.PeriodFrom:yyyy-MM-dd}");
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        changes.Publish();
        return true;
    }
}

using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Drift;

/// <param name="Version">Its name and number; null where the alert is about none.</param>
public sealed record ListedAlert(QualityAlert Alert, string? Version);

/// <param name="Open">Not acknowledged, the newest first.</param>
/// <param name="Acknowledged">The last ones, the newest first.</param>
/// <param name="LastCheck">Null where this process has not checked yet.</param>
public sealed record AlertList(IReadOnlyList<ListedAlert> Open, IReadOnlyList<ListedAlert> Acknowledged, AlertCheck? LastCheck);

/// <summary>The lead's alerts.</summary>
public sealed class ListAlerts(IDbContextFactory<CovidCxrDbContext> contexts, CheckAlerts check)
{
    const int MostAcknowledged = 50, MostOpen = 200;

    public async Task<AlertList> RunAsync(Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return new(
            await ListAsync(
                db, db.QualityAlerts.Where(a => a.AcknowledgedAt == null).OrderByDescending(a => a.Id).Take(MostOpen), cancellation),
            await ListAsync(
                db, db.QualityAlerts.Where(a => a.AcknowledgedAt != null).OrderByDescending(a => a.AcknowledgedAt).Take(MostAcknowledged),
                cancellation),
            check.Last);
    }

    /// <summary>How many are open.</summary>
    public async Task<int> CountAsync(Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await db.QualityAlerts.CountAsync(a => a.AcknowledgedAt == null, cancellation);
    }

    static async Task<List<ListedAlert>> ListAsync(CovidCxrDbContext db, IQueryable<QualityAlert> alerts, CancellationToken cancellation)
    {
        var listed = await alerts.AsNoTracking().ToListAsync(cancellation);
        var ids = listed.Select(a => a.ModelVersionId).OfType<Guid>().Distinct().ToList();
        var names = await db.ModelVersions.Where(m => ids.Contains(m.Id))
            .ToDictionaryAsync(m => m.Id, m => $"{m.Name} v{m.Number}", cancellation);
        return listed.ConvertAll(a => new ListedAlert(a, a.ModelVersionId is { } id ? names[id] : null));
    }
}

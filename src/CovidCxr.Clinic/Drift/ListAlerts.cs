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
/// <param name="AreSomeHidden">Whether alerts of studies that this person has not read would be left out; not whether there are
/// any.</param>
public sealed record AlertList(
    IReadOnlyList<ListedAlert> Open, IReadOnlyList<ListedAlert> Acknowledged, AlertCheck? LastCheck, bool AreSomeHidden);

/// <summary>The lead's alerts, as far as this lead may know them.</summary>
public sealed class ListAlerts(IDbContextFactory<CovidCxrDbContext> contexts, KnownAlerts known, CheckAlerts check)
{
    const int MostAcknowledged = 50, MostOpen = 200;

    public async Task<AlertList> RunAsync(Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var (open, areSomeHidden) = await OpenAsync(db, actor, cancellation);
        var (acknowledged, _) = await known.OfAsync(
            db,
            await db.QualityAlerts.AsNoTracking().Where(a => a.AcknowledgedAt != null).OrderByDescending(a => a.AcknowledgedAt)
                .ToListAsync(cancellation),
            actor, cancellation);
        return new(
            await NamedAsync(db, open, cancellation), await NamedAsync(db, [.. acknowledged.Take(MostAcknowledged)], cancellation),
            check.Last, areSomeHidden);
    }

    /// <summary>How many are open.</summary>
    public async Task<int> CountAsync(Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return (await OpenAsync(db, actor, cancellation)).Known.Count;
    }

    // Hidden ones go before the newest are taken: how many are left would tell of them.
    async Task<(List<QualityAlert> Known, bool AreSomeHidden)> OpenAsync(
        CovidCxrDbContext db, Actor actor, CancellationToken cancellation)
    {
        var open = await db.QualityAlerts.AsNoTracking().Where(a => a.AcknowledgedAt == null).OrderByDescending(a => a.Id)
            .ToListAsync(cancellation);
        var (shown, areSomeHidden) = await known.OfAsync(db, open, actor, cancellation);
        return ([.. shown.Take(MostOpen)], areSomeHidden);
    }

    static async Task<List<ListedAlert>> NamedAsync(CovidCxrDbContext db, List<QualityAlert> listed, CancellationToken cancellation)
    {
        var ids = listed.Select(a => a.ModelVersionId).OfType<Guid>().Distinct().ToList();
        var names = await db.ModelVersions.Where(m => ids.Contains(m.Id))
            .ToDictionaryAsync(m => m.Id, m => $"{m.Name} v{m.Number}", cancellation);
        return listed.ConvertAll(a => new ListedAlert(a, a.ModelVersionId is { } id ? names[id] : null));
    }
}

using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Drift;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Exports;

/// <param name="Readings">Finished with an answer of this version in sight.</param>
public sealed record VersionInSight(VersionChoice Version, int Readings);

/// <param name="What">Such as "version 3, tried on 4 stored X-rays".</param>
public sealed record Activation(DateTimeOffset At, string What, string? By);

/// <summary>What a report of a period says besides its figures.</summary>
/// <param name="DataVersion">Equal words, equal data.</param>
/// <param name="Activations">In the period, and the last before it, the oldest first.</param>
/// <param name="Policies">In force in the period, the oldest first; what was in force since the installation has no time and nobody's
/// name.</param>
/// <param name="Settings">Likewise.</param>
public sealed record PeriodFacts(
    DateTimeOffset MadeAt, Period Period, string DataVersion, IReadOnlyList<VersionInSight> Versions, IReadOnlyList<Activation> Activations,
    IReadOnlyList<ReadingPolicyChange> Policies, IReadOnlyList<QualitySettings> Settings, IReadOnlyList<ListedAlert> Alerts);

/// <summary>
/// Which versions worked, which rules were in force and which alerts were raised in a period, from which data. Asking for it is an export.
/// </summary>
public sealed class DescribePeriod(
    IDbContextFactory<CovidCxrDbContext> contexts, CaseCache cache, RevealedCases revealed, KnownAlerts known, AuditLog audit,
    TimeProvider time)
{
    public async Task<PeriodFacts> RunAsync(AgreementFilter filter, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var set = await cache.GetAsync(db, cancellation);
        var hidden = await revealed.HiddenFromAsync(db, actor, cancellation);
        var cases = hidden.TakenFrom(ReaderCases.Filter(set.All, filter, onlyBy: null));
        var period = Spanned(filter, cases);
        var inSight = cases.Where(c => c.Prediction is not null).CountBy(c => c.Prediction!.ModelVersionId).ToDictionary();
        var versions = await db.ModelVersions.OrderBy(m => m.Number).Select(m => new VersionChoice(m.Id, m.Number, m.Name))
            .ToListAsync(cancellation);
        var activations = await db.Audit.Where(
            a => a.Action == AuditAction.ModelActivate && a.Outcome == AuditOutcome.Succeeded && a.At < period.Ends)
            .OrderBy(a => a.Id).Select(a => new Activation(a.At, a.Detail!, a.UserName)).ToListAsync(cancellation);
        var changes = await db.PolicyChanges.AsNoTracking().OrderBy(c => c.Id).ToListAsync(cancellation);
        // Without those that another one replaced before they began.
        var policies = ReadingPolicyChange.Standing(changes).Where(c => c.Begins < period.Ends);
        var settings = await db.QualitySettings.AsNoTracking().Where(s => s.ChangedAt < period.Ends).OrderBy(s => s.Id)
            .ToListAsync(cancellation);
        var raised = await db.QualityAlerts.AsNoTracking().Where(a => a.PeriodTo >= period.From && a.PeriodFrom <= period.To)
            .OrderBy(a => a.Id).ToListAsync(cancellation);
        var (alerts, _) = await known.OfAsync(db, raised, actor, cancellation);
        await audit.RecordAsync(actor, AuditAction.AgreementExport, AuditOutcome.Succeeded, detail: $"report of {cases.Count} readings");
        return new(
            time.GetUtcNow(), period, Words(set.Version),
            [.. versions.Where(v => inSight.ContainsKey(v.Id)).Select(v => new VersionInSight(v, inSight[v.Id]))],
            InForce(activations, a => a.At, period), InForce([new() { ChangedByName = "" }, .. policies], p => p.Begins, period),
            InForce([new() { ChangedByName = "" }, .. settings], s => s.ChangedAt, period),
            alerts.ConvertAll(a =>
                new ListedAlert(a, versions.Where(v => v.Id == a.ModelVersionId).Select(v => $"{v.Name} v{v.Number}").FirstOrDefault())));
    }

    // Without days in the filter, from the first to the last reading.
    Period Spanned(AgreementFilter filter, List<ReaderCase> cases)
    {
        var today = Period.Today(time);
        var first = filter.From ?? (cases.Count == 0 ? today : cases.Min(c => DateOnly.FromDateTime(c.ReadAt.UtcDateTime)));
        var last = filter.To
            ?? (filter.From is null && cases.Count > 0 ? cases.Max(c => DateOnly.FromDateTime(c.ReadAt.UtcDateTime)) : today);
        return Period.Of(new(first, last), today);
    }

    // The last one before the period is in force in it too.
    static List<T> InForce<T>(List<T> changes, Func<T, DateTimeOffset> at, Period period) =>
        [.. changes.Where(c => at(c) < period.Starts).TakeLast(1), .. changes.Where(c => at(c) >= period.Starts)];

    static string Words(CaseVersion version) =>
        $"{version.Readings} rows of readings, the last {version.LastReading?.ToString() ?? "none"}; {version.Findings} of references, "
            + $"the last {version.LastFinding?.ToString() ?? "none"}"
            + (version.LastChange == 0 ? "" : $"; the last change of a study is number {version.LastChange}");
}

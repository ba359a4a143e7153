using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Policies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Platform.Audit;
using CovidCxr.Statistics.Agreement;
using CovidCxr.Statistics.Discrimination;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Drift;

/// <param name="NotJudged">What could not be judged for too few studies, a sentence each.</param>
public sealed record AlertCheck(DateTimeOffset At, IReadOnlyList<string> NotJudged);

/// <summary>
/// Compares the last weeks' agreement and this month's scores, version by version, with the thresholds that the lead set, watches how many
/// films are called positive, and raises an alert for what lies beyond. What is raised stays, also where the thresholds
/// change, until somebody acknowledges it.
/// </summary>
public sealed class CheckAlerts(
    IDbContextFactory<CovidCxrDbContext> contexts, CaseCache cache, AuditLog audit, AlertChanges changes, TimeProvider time)
{
    /// <summary>Weeks that are over and looked at, so that a program that stood still misses none at once.</summary>
    public const int Weeks = 4;

    static readonly PartyPair Pair = new(Party.Model, Party.Blind);

    /// <summary>The last check of this process; null before the first.</summary>
    public AlertCheck? Last { get; private set; }

    /// <param name="actor">Null for the program itself.</param>
    public async Task<AlertCheck> RunAsync(Actor? actor, CancellationToken cancellation)
    {
        actor?.Demand(Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var settings = await ChangeQualitySettings.CurrentAsync(db, cancellation);
        var set = await cache.GetAsync(db, cancellation);
        List<string> notJudged = [];
        var beyond = LowAgreement(set.All, settings, notJudged).Concat(await ScoreShiftsAsync(db, settings, notJudged, cancellation))
            .Concat(await CallsAsync(db, notJudged, cancellation)).ToList();
        if (await StoreAsync(db, beyond, cancellation))
        {
            changes.Publish();
        }

        return Last = new(time.GetUtcNow(), notJudged);
    }

    List<QualityAlert> LowAgreement(IReadOnlyList<ReaderCase> all, QualitySettings settings, List<string> notJudged)
    {
        var thisMonday = AgreementChart.MondayOf(Period.Today(time));
        List<QualityAlert> alerts = [];
        for (var week = Weeks; week >= 1; week--)
        {
            var period = new Period(thisMonday.AddDays(-7 * week), thisMonday.AddDays((-7 * week) + 6));
            var cells = Pair.Cells(ReaderCases.Filter(all, new(period.From, period.To), onlyBy: null)).ToList();
            if (cells.Count < ReportedEstimates.FewestCases)
            {
                if (week == 1)
                {
                    notJudged.Add(
                        $"Agreement of the last week, from {period.From:yyyy-MM-dd}: {cells.Count} of at least "
                            + $"{ReportedEstimates.FewestCases} readings before the model.");
                }

                continue;
            }

            var agreement = cells.Count(c => c.Cell.IsAgreement()) / (double)cells.Count;
            if (agreement < settings.LowestAgreement)
            {
                alerts.Add(Alert(AlertKind.LowAgreement, null, period, agreement, settings.LowestAgreement, cells.Count));
            }
        }

        return alerts;
    }

    async Task<List<QualityAlert>> ScoreShiftsAsync(
        CovidCxrDbContext db, QualitySettings settings, List<string> notJudged, CancellationToken cancellation)
    {
        var today = Period.Today(time);
        var month = new Period(new(today.Year, today.Month, 1), today);
        var rows = await DriftRows.ScoresAsync(db, month with { From = month.MonthBefore.From }, new(), cancellation);
        var names = await db.ModelVersions.ToDictionaryAsync(m => m.Id, m => $"{m.Name} v{m.Number}", cancellation);
        List<QualityAlert> alerts = [];
        foreach (var version in rows.GroupBy(s => s.VersionId).Where(g => g.Any(s => s.ReceivedAt >= month.Starts)))
        {
            var scores = version.ToLookup(s => s.ReceivedAt >= month.Starts, s => s.Score);
            var comparison = Comparing.Numbers([.. scores[false]], [.. scores[true]], "in the month before");
            if (comparison.Index is not { } index)
            {
                notJudged.Add($"Scores of {names[version.Key]} this month: {comparison.WhyNot}.");
            }
            else if (index.Value > settings.LargestStabilityIndex && index.Value > index.NoiseLimit)
            {
                alerts.Add(Alert(
                    AlertKind.ScoreShift, version.Key, month, index.Value.Value, settings.LargestStabilityIndex, scores[true].Count()));
            }
        }

        return alerts;
    }

    async Task<List<QualityAlert>> CallsAsync(CovidCxrDbContext db, List<string> notJudged, CancellationToken cancellation)
    {
        if (await CallWatch.ReadAsync(db, cancellation) is not var (version, from, calls))
        {
            return [];
        }

        var watch = CallWatch.Of(version, from, calls);
        if (watch.Base < CallWatch.BaseFilms)
        {
            notJudged.Add($"The share of positive calls: {watch.Base} of the {CallWatch.BaseFilms} films that it is compared with.");
            return [];
        }

        // A film that is withdrawn moves the days of a rise a little; it stays the same rise.
        var known = await db.QualityAlerts.AsNoTracking()
            .Where(a => a.ModelVersionId == version && (a.Kind == AlertKind.MorePositive || a.Kind == AlertKind.FewerPositive))
            .ToListAsync(cancellation);
        List<QualityAlert> alerts = [];
        foreach (var alarm in watch.Alarms)
        {
            var kind = alarm.IsRise ? AlertKind.MorePositive : AlertKind.FewerPositive;
            var period = new Period(DayOf(alarm.From), DayOf(alarm.At));
            if (!known.Concat(alerts).Any(a => a.Kind == kind && IsSame(a, period)))
            {
                alerts.Add(Alert(kind, version, period, alarm.Positive / (double)alarm.Films, watch.BaseShare, alarm.Films));
            }
        }

        return alerts;
    }

    // The next one may begin on the day on which the last ended.
    static bool IsSame(QualityAlert alert, Period period) =>
        (alert.PeriodFrom == period.From && alert.PeriodTo == period.To)
            || (alert.PeriodFrom < period.To && alert.PeriodTo > period.From);

    static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);

    QualityAlert Alert(AlertKind kind, Guid? version, Period period, double value, double threshold, int cases) => new()
    {
        Kind = kind,
        ModelVersionId = version,
        PeriodFrom = period.From,
        PeriodTo = period.To,
        Value = value,
        Threshold = threshold,
        Cases = cases,
        RaisedAt = time.GetUtcNow(),
    };

    async Task<bool> StoreAsync(CovidCxrDbContext db, List<QualityAlert> beyond, CancellationToken cancellation)
    {
        if (beyond.Count == 0)
        {
            return false;
        }

        var since = beyond.Min(a => a.PeriodFrom);
        var known = await db.QualityAlerts.Where(a => a.PeriodFrom >= since)
            .ToDictionaryAsync(a => (a.Kind, a.ModelVersionId, a.PeriodFrom), cancellation);
        foreach (var alert in beyond)
        {
            if (!known.TryGetValue((alert.Kind, alert.ModelVersionId, alert.PeriodFrom), out var old))
            {
                db.QualityAlerts.Add(alert);
                audit.AddTo(db, actor: null, AuditAction.AlertRaise, AuditOutcome.Succeeded, detail: FormattableString.Invariant(
                    $"{alert.Kind} from {alert.PeriodFrom:yyyy-MM-dd}: {alert.Value:F3}, threshold {alert.Threshold}"));
            }
            else if (old.AcknowledgedAt is null && old.IsWorse(alert.Value))
            {
                (old.Value, old.Cases, old.PeriodTo) = (alert.Value, alert.Cases, alert.PeriodTo);
            }
        }

        try
        {
            return await db.SaveChangesAsync(cancellation) > 0;
        }
        catch (DbUpdateException)
        {
            // Another process has just raised the same ones.
            return true;
        }
    }
}

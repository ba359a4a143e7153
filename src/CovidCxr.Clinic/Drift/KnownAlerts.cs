using CovidCxr.Clinic.Comparison;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Drift;

/// <summary>
/// The alerts that a person may know. An alert is made of answers: that there is one, and its value, tell of each of them. So it waits
/// for the own reading of every study that it may be made of.
/// </summary>
public sealed class KnownAlerts(RevealedCases revealed)
{
    /// <returns>Which of these may be known, in their order, and whether any study's answer is hidden from this person.</returns>
    internal async Task<(List<QualityAlert> Known, bool AreSomeHidden)> OfAsync(
        CovidCxrDbContext db, List<QualityAlert> alerts, Actor actor, CancellationToken cancellation)
    {
        var hidden = await revealed.HiddenFromAsync(db, actor, cancellation);
        List<QualityAlert> known = [];
        foreach (var alert in alerts)
        {
            if (hidden.AreNone || !(await StudiesBehind(db, alert).ToListAsync(cancellation)).Exists(hidden.Contains))
            {
                known.Add(alert);
            }
        }

        return (known, !hidden.AreNone);
    }

    // All that may be behind it. Which of them are is not asked: that may depend on the answers. A study that was withdrawn since
    // is behind it still.
    static IQueryable<Guid> StudiesBehind(CovidCxrDbContext db, QualityAlert alert)
    {
        var period = new Period(alert.PeriodFrom, alert.PeriodTo);
        var (from, to) = (alert.Kind == AlertKind.ScoreShift ? period.MonthBefore.Starts : period.Starts, period.Ends);
        var raised = alert.RaisedAt;
        var studies = db.AllStudies.Where(
            s => !s.IsWithdrawn || db.StudyChanges.Any(c => c.StudyId == s.Id && c.ChangedAt > raised));
        if (alert.Kind is AlertKind.MorePositive or AlertKind.FewerPositive)
        {
            // The films of before, that it is compared with, too.
            var version = alert.ModelVersionId;
            return studies.Where(s => db.Predictions.Any(p => p.StudyId == s.Id && p.ModelVersionId == version && p.CreatedAt <= raised))
                .Select(s => s.Id);
        }

        return alert.Kind == AlertKind.ScoreShift
            ? studies.Where(s => s.ReceivedAt >= from && s.ReceivedAt < to).Select(s => s.Id)
            : db.Readings.Where(r => r.CreatedAt >= from && r.CreatedAt < to && studies.Any(s => s.Id == r.StudyId))
                .Select(r => r.StudyId).Distinct();
    }
}

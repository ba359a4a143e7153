using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Learning.Gate;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Shadow;

/// <summary>
/// A version in the shadow beside the active one, on the films that both scored, that have a reference and were read blind; a copy of a
/// film is none of its own. Null where there is no such period, or nothing was active. Who reads as well is shown only figures of films
/// whose answers that person may know.
/// </summary>
public sealed class CompareShadow(IDbContextFactory<CovidCxrDbContext> contexts, RevealedStudies revealed)
{
    public async Task<ShadowComparison?> RunAsync(Guid periodId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead, Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (await db.ShadowPeriods.AsNoTracking().SingleOrDefaultAsync(p => p.Id == periodId, cancellation) is not { } period
            || await ActiveAsync(db, period, cancellation) is not { } active)
        {
            return null;
        }

        var number = await db.ModelVersions.Where(m => m.Id == period.ModelVersionId).Select(m => m.Number).SingleAsync(cancellation);
        var seen = await revealed.ToAsync(db, actor, cancellation);
        var studies = seen ?? db.Studies;
        var scored = await db.ShadowPredictions.CountAsync(
            x => x.PeriodId == periodId && studies.Any(s => s.Id == x.StudyId), cancellation);
        var films = await FilmsAsync(db, studies, periodId, active.Id, cancellation);
        // Not on the circuit's own thread.
        return await Task.Run(
            () => ShadowComparison.Of(films, active.Number, number, scored, GateLimits.Current.Margin, seen is not null), cancellation);
    }

    // Of an ended shadow, the version that was active before the end: the shadow itself may have become active by it.
    static async Task<(Guid Id, int Number)?> ActiveAsync(CovidCxrDbContext db, ShadowPeriod period, CancellationToken cancellation)
    {
        var until = period.Until;
        var version = await (
            from p in db.ModelPeriods
            join m in db.ModelVersions on p.ModelVersionId equals m.Id
            where until == null || p.From < until
            orderby p.Number descending
            select m).FirstOrDefaultAsync(cancellation);
        version ??= await db.ModelVersions.SingleOrDefaultAsync(m => m.IsActive && m.Id != period.ModelVersionId, cancellation);
        return version is null ? null : (version.Id, version.Number);
    }

    static async Task<List<ShadowFilm>> FilmsAsync(
        CovidCxrDbContext db, IQueryable<Study> studies, Guid periodId, Guid activeId, CancellationToken cancellation)
    {
        var rows = await (
            from x in db.ShadowPredictions
            join s in studies on x.StudyId equals s.Id
            join p in db.Predictions on s.Id equals p.StudyId
            join f in db.ReferenceFindings on s.Id equals f.StudyId
            where x.PeriodId == periodId && p.ModelVersionId == activeId && s.PredictionId != null && s.CopyOf == null
                && db.Readings.Any(r => r.StudyId == s.Id && r.Stage == ReadingStage.Blind)
                && !db.ReferenceFindings.Any(o => o.SupersedesId == f.Id)
            select new
            {
                s.Id,
                s.PatientNumber,
                f.Source,
                f.Result,
                x.Score,
                x.Threshold,
                p.CreatedAt,
                Prediction = p.Id,
                p.Probabilities,
                p.PositiveIndex,
                p.PredictedIndex,
                ActiveThreshold = p.Threshold,
            }).ToListAsync(cancellation);
        List<ShadowFilm> films = [];
        foreach (var film in rows.GroupBy(r => (r.Id, r.PatientNumber)).OrderBy(g => g.Key.Id))
        {
            var state = ReferenceRules.SettleAll([.. film.Select(r => (r.Source, r.Result))]);
            if (state is ReferenceState.Positive or ReferenceState.Negative)
            {
                var newest = film.OrderBy(r => r.CreatedAt).ThenBy(r => r.Prediction).Last();
                films.Add(new(
                    film.Key.Id, film.Key.PatientNumber?.ToUpperInvariant() ?? film.Key.Id.ToString(), state == ReferenceState.Positive,
                    newest.Probabilities[newest.PositiveIndex], newest.PredictedIndex == newest.PositiveIndex,
                    newest.ActiveThreshold, newest.Score, newest.Threshold));
            }
        }

        return films;
    }
}

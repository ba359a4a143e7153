using CovidCxr.Clinic.Comparison;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Drift;

/// <summary>What is known of an X-ray without looking at whose it is.</summary>
readonly record struct InputRow(
    DateTimeOffset ReceivedAt, int Width, int Height, double? Mean, double? Deviation, ViewPosition View, Sex Sex, int? AgeYears);

/// <summary>A version's newest answer to a study that arrived then.</summary>
readonly record struct ScoreRow(Guid StudyId, DateTimeOffset ReceivedAt, Guid VersionId, double Score);

/// <summary>Studies, by the day on which they arrived, and the answers to them, under a filter's view, sex and age band.</summary>
static class DriftRows
{
    public static async Task<List<InputRow>> InputsAsync(
        CovidCxrDbContext db, Period period, AgreementFilter filter, CancellationToken cancellation)
    {
        var rows = await Studies(db, period, filter)
            .Select(s => new InputRow(s.ReceivedAt, s.Width, s.Height, s.MeanIntensity, s.IntensityDeviation, s.View, s.Sex, s.AgeYears))
            .ToListAsync(cancellation);
        return rows.FindAll(r => filter.Age is null || AgreementFilter.Band(r.AgeYears) == filter.Age);
    }

    public static async Task<List<ScoreRow>> ScoresAsync(
        CovidCxrDbContext db, Period period, AgreementFilter filter, CancellationToken cancellation)
    {
        var studies = Studies(db, period, filter);
        // The newest answer's score stands with the study: to unpack the lists of a year's answers takes seconds.
        var newest = await (from p in db.Predictions
                            join s in studies on (Guid?)p.Id equals s.PredictionId
                            where s.Probability != null
                            select new Answer(s.Id, p.ModelVersionId, s.ReceivedAt, s.AgeYears, s.Probability!.Value))
                                .ToListAsync(cancellation);
        var others = await (from p in db.Predictions
                            join s in studies on p.StudyId equals s.Id
                            // What is withheld now has no answer, whatever was said before its view or age was corrected.
                            where s.PredictionId != p.Id && s.Status != StudyStatus.Withheld
                            orderby p.CreatedAt descending
                            select new { s.Id, p.ModelVersionId, s.ReceivedAt, s.AgeYears, p.Probabilities, p.PositiveIndex })
                                .AsNoTracking().ToListAsync(cancellation);
        return
        [
            .. newest.Concat(
                others.Select(o => new Answer(o.Id, o.ModelVersionId, o.ReceivedAt, o.AgeYears, o.Probabilities[o.PositiveIndex])))
                .DistinctBy(a => (a.StudyId, a.VersionId)).Where(a => filter.Age is null || AgreementFilter.Band(a.AgeYears) == filter.Age)
                .Select(a => new ScoreRow(a.StudyId, a.ReceivedAt, a.VersionId, a.Score)),
        ];
    }

    public static async Task<WithheldFilms> WithheldAsync(
        CovidCxrDbContext db, Period period, AgreementFilter filter, CancellationToken cancellation)
    {
        var rows = await Studies(db, period, filter).Where(s => s.Status == StudyStatus.Ready || s.Status == StudyStatus.Withheld)
            .Select(s => new { s.Status, s.StatusReason, s.AgeYears }).ToListAsync(cancellation);
        var films = rows.FindAll(r => filter.Age is null || AgreementFilter.Band(r.AgeYears) == filter.Age);
        return new(
            films.Count, films.Count(f => f.Status == StudyStatus.Withheld),
            films.Count(f => f is { Status: StudyStatus.Ready, StatusReason: not null }),
            [.. films.Where(f => f.StatusReason is not null).CountBy(f => f.StatusReason!).OrderByDescending(r => r.Value)]);
    }

    static IQueryable<Study> Studies(CovidCxrDbContext db, Period period, AgreementFilter filter)
    {
        var (from, to) = (period.Starts, period.Ends);
        return db.Studies.AsNoTracking().Where(s => s.ReceivedAt >= from && s.ReceivedAt < to)
            .Where(s => filter.View == null || s.View == filter.View).Where(s => filter.Sex == null || s.Sex == filter.Sex);
    }

    readonly record struct Answer(Guid StudyId, Guid VersionId, DateTimeOffset ReceivedAt, int? AgeYears, double Score);
}

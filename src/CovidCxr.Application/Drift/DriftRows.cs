using CovidCxr.Application.Agreement;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Application.Drift;

/// <summary>What is known of an X-ray without looking at whose it is.</summary>
readonly record struct InputRow(DateTimeOffset ReceivedAt, int Width, int Height, double? Mean, double? Deviation, ViewPosition View, Sex Sex, int? AgeYears);

/// <summary>A version's newest answer to a study.</summary>
readonly record struct ScoreRow(DateTimeOffset ReceivedAt, Guid VersionId, double Score);

/// <summary>Studies and answers of two neighbouring periods, by the day on which the study arrived.</summary>
sealed record DriftRows(IReadOnlyList<InputRow> Inputs, IReadOnlyList<ScoreRow> Scores)
{
    /// <param name="filter">Its view, sex and age band.</param>
    public static async Task<DriftRows> LoadAsync(CovidCxrDbContext db, DateTimeOffset from, DateTimeOffset to, AgreementFilter filter, CancellationToken cancellation)
    {
        var studies = await db.Studies.AsNoTracking().Where(s => s.ReceivedAt >= from && s.ReceivedAt < to)
            .Where(s => filter.View == null || s.View == filter.View).Where(s => filter.Sex == null || s.Sex == filter.Sex)
            .Select(s => new { s.Id, Row = new InputRow(s.ReceivedAt, s.Width, s.Height, s.MeanIntensity, s.IntensityDeviation, s.View, s.Sex, s.AgeYears) }).ToListAsync(cancellation);
        var wanted = studies.Where(s => filter.Age is null || AgreementFilter.Band(s.Row.AgeYears) == filter.Age).ToDictionary(s => s.Id, s => s.Row);
        var answers = await (from p in db.Predictions
                             join s in db.Studies on p.StudyId equals s.Id
                             where s.ReceivedAt >= @from && s.ReceivedAt < to
                             orderby p.CreatedAt
                             select new { p.StudyId, p.ModelVersionId, p.Probabilities, p.PositiveIndex }).AsNoTracking().ToListAsync(cancellation);
        return new(
            [.. wanted.Values],
            [.. answers.Where(a => wanted.ContainsKey(a.StudyId)).GroupBy(a => (a.StudyId, a.ModelVersionId)).Select(g => g.Last())
                .Select(a => new ScoreRow(wanted[a.StudyId].ReceivedAt, a.ModelVersionId, a.Probabilities[a.PositiveIndex]))]);
    }
}

using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Statistics;
using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Studies;

/// <summary>
/// What an answer has meant in this department: of the other films that the same version scored on the same side of this answer's threshold
/// and that have a reference, the share with the disease. Above the threshold its complement is the false-discovery rate; below it is the
/// false-omission rate. A copy of a film is no film of its own.
/// </summary>
/// <param name="IsSeenOnly">Whether films that this person must still read blind were left out: their number alone would tell their
/// answers.</param>
/// <param name="IsPositive">Which side of the threshold.</param>
/// <param name="Ill">0..1, with its interval by patient; its count is the number of films.</param>
public sealed record ScoreMeaning(bool IsPositive, bool IsSeenOnly, int Patients, Estimate Ill)
{
    /// <summary>Fewer patients with a reference say nothing yet.</summary>
    public const int FewestPatients = 30;

    const int Positive = 0, All = 1;

    public bool IsKnown => Patients >= FewestPatients && Ill.Lower is not null;

    /// <param name="revealed">The films whose answers this person may know; null for all.</param>
    /// <param name="studyId">The film that is looked at, which is none of the others.</param>
    internal static async Task<ScoreMeaning> ReadAsync(
        CovidCxrDbContext db, IQueryable<Study>? revealed, Guid studyId, PredictionView answer, CancellationToken cancellation)
    {
        var (versionId, threshold, isPositive) = (
            answer.ModelVersionId, answer.Threshold, answer.PredictedIndex == answer.PositiveIndex);
        var rows = await (
            from f in db.ReferenceFindings
            join s in revealed ?? db.Studies on f.StudyId equals s.Id
            join p in db.Predictions on s.PredictionId equals p.Id
            where s.Id != studyId && s.CopyOf == null && p.ModelVersionId == versionId && (s.Probability >= threshold) == isPositive
                && !db.ReferenceFindings.Any(o => o.SupersedesId == f.Id)
            select new { s.Id, s.PatientNumber, f.Source, f.Result }).ToListAsync(cancellation);
        // In an order of their own, so that the same films are resampled alike.
        var films = rows.GroupBy(r => (r.Id, r.PatientNumber)).OrderBy(g => g.Key.Id).Select(film => (
            Patient: film.Key.PatientNumber?.ToUpperInvariant() ?? film.Key.Id.ToString(),
            State: ReferenceRules.SettleAll([.. film.Select(r => (r.Source, r.Result))])))
            .Where(f => f.State is ReferenceState.Positive or ReferenceState.Negative).ToList();
        var clusters = Clusters.Of(films.ConvertAll(f => f.Patient));
        var sums = new TotalStatistics(clusters, 2, (i, row) =>
        {
            row[Positive] += films[i].State == ReferenceState.Positive ? 1 : 0;
            row[All]++;
        });
        var ill = sums.Ask(TotalStatistic.Ratio([Positive], [All]));
        return new(
            isPositive, revealed is not null, clusters.Count,
            Wilson.WhereAllAgree(ClusteredBootstrap.Intervals([sums], cancellation: cancellation)[ill], clusters.Count));
    }
}

using CovidCxr.Domain.Models;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Statistics.Agreement;
using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Acceptance;

/// <summary>A film with a reference that says positive or negative, and what one version said of it.</summary>
readonly record struct SiteFilm(Guid StudyId, string Patient, bool IsIll, double Score);

/// <summary>
/// The department's own films that a version can be measured on, by the rules of reference of the comparison's pages. A copy is the film
/// of before and counts once. A film without a patient number does not count: nobody can tell whose it is, so many may be of one patient.
/// </summary>
static class SiteFilms
{
    /// <param name="revealed">The films whose answers the person may know; null for all.</param>
    /// <returns>In the order of their studies' ids, so that the same films are resampled alike.</returns>
    public static async Task<List<SiteFilm>> ReadAsync(
        CovidCxrDbContext db, IQueryable<Study>? revealed, Guid versionId, CancellationToken cancellation)
    {
        // A study that is withheld by now has no answer, whatever was said of it before.
        var rows = await (
            from f in db.ReferenceFindings
            join s in revealed ?? db.Studies on f.StudyId equals s.Id
            join p in db.Predictions on s.Id equals p.StudyId
            where p.ModelVersionId == versionId && s.PredictionId != null && s.CopyOf == null && s.PatientNumber != null
                && !db.ReferenceFindings.Any(o => o.SupersedesId == f.Id)
            select new { s.Id, s.PatientNumber, f.Source, f.Result, p.CreatedAt, Prediction = p.Id, p.Probabilities, p.PositiveIndex })
            .AsNoTracking().ToListAsync(cancellation);
        List<SiteFilm> films = [];
        foreach (var film in rows.GroupBy(r => (r.Id, r.PatientNumber)).OrderBy(g => g.Key.Id))
        {
            var state = ReferenceRules.SettleAll([.. film.Select(r => (r.Source, r.Result))]);
            if (state is ReferenceState.Positive or ReferenceState.Negative)
            {
                var newest = film.OrderBy(r => r.CreatedAt).ThenBy(r => r.Prediction).Last();
                films.Add(new(
                    film.Key.Id, film.Key.PatientNumber!.ToUpperInvariant(), state == ReferenceState.Positive,
                    newest.Probabilities[newest.PositiveIndex]));
            }
        }

        return films;
    }

    /// <summary>Seconds of arithmetic in a large department.</summary>
    /// <param name="isSeenOnly">Whether films were left out before.</param>
    public static SiteEvidence Measure(
        List<SiteFilm> films, ModelVersion version, double shipped, SiteQuestion question, bool isSeenOnly)
    {
        double[] scores = [.. films.Select(f => f.Score)];
        bool[] truth = [.. films.Select(f => f.IsIll)];
        var patients = Clusters.Of(films.ConvertAll(f => f.Patient));
        var threshold = new SensitivityThreshold(patients, scores, truth, question.Sensitivity);
        var chosen = ClusteredBootstrap.Intervals([threshold])[threshold.Figure];
        var byOthers = SensitivityThreshold.CallsByOthers(patients, scores, truth, question.Sensitivity);

        BinaryTable[] tables = [.. Enumerable.Range(0, 3).Select(t => new BinaryTable(t * BinaryTable.Columns))];
        var area = new AreaStatistic(patients, scores, truth);
        var sums = new TotalStatistics(patients, tables.Length * BinaryTable.Columns, (i, row) =>
        {
            tables[0].Add(PairCells.Of(scores[i] >= shipped, truth[i]), row);
            if (chosen.Value is { } local)
            {
                tables[1].Add(PairCells.Of(scores[i] >= local, truth[i]), row);
                tables[2].Add(PairCells.Of(byOthers[i], truth[i]), row);
            }
        });
        var asked = Array.ConvertAll(tables, t => (Sensitivity: sums.Ask(t.Sensitivity), Specificity: sums.Ask(t.Specificity)));
        var reported = new ReportedEstimates(ClusteredBootstrap.Intervals([sums, area]), patients.Count);

        SitePoint Point(int table, double? at) =>
            new(at, reported.Share(asked[table].Sensitivity), reported.Share(asked[table].Specificity));

        var others = Point(2, null);
        return new(
            version.Sha256, question,
            new(
                films.Count, patients.Count, Class(films, true, question.Sensitivity, question.Width),
                Class(films, false, others.Specificity.Value, question.Width), isSeenOnly),
            reported[area.Figure], Point(0, shipped), chosen, Point(1, chosen.Value), others);
    }

    static SiteClass Class(List<SiteFilm> films, bool isIll, double? expected, double width)
    {
        var own = films.FindAll(f => f.IsIll == isIll);
        return new(own.Count, own.Select(f => f.Patient).Distinct().Count(), SiteCounts.WantedOf(expected, width));
    }
}

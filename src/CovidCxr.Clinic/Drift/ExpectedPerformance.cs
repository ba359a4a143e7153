using CovidCxr.Clinic.Acceptance;
using CovidCxr.Clinic.Comparison;
using CovidCxr.Statistics;
using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Drift;
using CovidCxr.Statistics.Resampling;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Drift;

/// <summary>
/// Sensitivity and specificity of a version in a period, at the thresholds that its answers were called at: as they are to be expected
/// without any reference of the period, and as its references measure them. References come late; where the two part, the scores no longer
/// mean what they meant.
/// </summary>
/// <param name="Films">Of the period, answered by the version.</param>
/// <param name="Known">Films of other times with a reference: they say what a score means here.</param>
/// <param name="Referenced">Films of the period with a reference.</param>
/// <param name="WhyNot">Why nothing is expected, in words; null where something is.</param>
public sealed record ExpectedPerformance(
    int Films, int Known, Estimate Sensitivity, Estimate Specificity, int Referenced, Estimate MeasuredSensitivity,
    Estimate MeasuredSpecificity, string? WhyNot)
{
    /// <summary>With fewer patients with or without the disease, or on a side of the threshold, among the known films nothing is
    /// expected.</summary>
    public const int FewestPatients = 30;

    const int Resamples = 500;

    readonly record struct Film(Guid StudyId, string? PatientNumber, double Score, double Threshold, bool IsPositive)
    {
        public string Patient => PatientNumber?.ToUpperInvariant() ?? StudyId.ToString();
    }

    internal static async Task<Func<ExpectedPerformance>> ReadAsync(
        CovidCxrDbContext db, Guid version, Period period, AgreementFilter filter, HiddenStudies hidden, CancellationToken cancellation)
    {
        var (from, to) = (period.Starts, period.Ends);
        var rows = await (
            from s in db.Studies
            join p in db.Predictions on s.PredictionId equals p.Id
            where s.CopyOf == null && s.Probability != null && p.ModelVersionId == version && s.ReceivedAt >= @from && s.ReceivedAt < to
                && (filter.View == null || s.View == filter.View) && (filter.Sex == null || s.Sex == filter.Sex)
            orderby p.CreatedAt, s.Id
            select new
            {
                s.AgeYears,
                Film = new Film(s.Id, s.PatientNumber, s.Probability!.Value, p.Threshold, p.PredictedIndex == p.PositiveIndex),
            })
            .ToListAsync(cancellation);
        var films = rows.Where(r => filter.Age is null || AgreementFilter.Band(r.AgeYears) == filter.Age).Select(r => r.Film)
            .Where(f => !hidden.Contains(f.StudyId)).ToList();
        var referenced = (await SiteFilms.ReadAsync(db, revealed: null, version, cancellation)).FindAll(f => !hidden.Contains(f.StudyId));
        var isPart = filter is not { View: null, Sex: null, Age: null };
        return () => Of(films, referenced, isPart);
    }

    static ExpectedPerformance Of(List<Film> films, List<SiteFilm> referenced, bool isPart)
    {
        var calls = films.ToDictionary(f => f.StudyId, f => f.IsPositive);
        var own = referenced.FindAll(f => calls.ContainsKey(f.StudyId));
        var known = referenced.FindAll(f => !calls.ContainsKey(f.StudyId));
        var (measuredSensitivity, measuredSpecificity) = Measured(own, calls);
        var fewest = Math.Min(
            known.Where(f => f.IsIll).DistinctBy(f => f.Patient).Count(), known.Where(f => !f.IsIll).DistinctBy(f => f.Patient).Count());
        var sides = films.Count == 0 ? null : known.ToLookup(f => f.Score >= films[^1].Threshold, f => f.Patient);
        var fewestOfASide = sides is null ? 0 : Math.Min(sides[true].Distinct().Count(), sides[false].Distinct().Count());
        var whyNot = isPart ? "what a score means is known of all films alone, not by view, sex or age"
            : films.Count > 0 && films.Exists(f => f.Threshold != films[0].Threshold) ? "the threshold changed in the period"
            : films.Count < Comparing.FewestCases ? $"{films.Count} of at least {Comparing.FewestCases} films"
            : Math.Min(fewest, fewestOfASide) < FewestPatients
            ? "references of other times say too little of what a score means: "
                + $"fewer than {FewestPatients} patients with or without it, or above or below the threshold"
            : null;
        if (whyNot is not null)
        {
            var none = Estimate.Undefined(films.Count, whyNot);
            return new(films.Count, known.Count, none, none, own.Count, measuredSensitivity, measuredSpecificity, whyNot);
        }

        var clusters = Clusters.Of([.. known.Select(f => f.Patient), .. films.Select(f => f.Patient)]);
        var rates = new ExpectedRates(
            clusters, [.. known.Select(f => f.Score), .. films.Select(f => f.Score)],
            [.. known.Select(f => (bool?)f.IsIll), .. films.Select(_ => (bool?)null)],
            [.. known.Select(f => f.Score >= films[^1].Threshold), .. films.Select(f => f.IsPositive)]);
        var estimates = ClusteredBootstrap.Intervals([rates], new() { Resamples = Resamples });
        return new(
            films.Count, known.Count, estimates[rates.Sensitivity], estimates[rates.Specificity], own.Count, measuredSensitivity,
            measuredSpecificity, null);
    }

    static (Estimate Sensitivity, Estimate Specificity) Measured(List<SiteFilm> own, Dictionary<Guid, bool> calls)
    {
        const int Ill = 0, Found = 1, Well = 2, Spared = 3;
        var sums = new TotalStatistics(Clusters.Of(own.ConvertAll(f => f.Patient)), 4, (i, row) =>
        {
            row[own[i].IsIll ? Ill : Well]++;
            row[own[i].IsIll ? Found : Spared] += calls[own[i].StudyId] == own[i].IsIll ? 1 : 0;
        });
        var (sensitivity, specificity) = (
            sums.Ask(TotalStatistic.Ratio([Found], [Ill])), sums.Ask(TotalStatistic.Ratio([Spared], [Well])));
        var estimates = ClusteredBootstrap.Intervals([sums], new() { Resamples = Resamples });
        return (
            Wilson.WhereAllAgree(estimates[sensitivity], sums.ClustersOf(sensitivity)),
            Wilson.WhereAllAgree(estimates[specificity], sums.ClustersOf(specificity)));
    }
}

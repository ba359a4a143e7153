using System.Runtime.InteropServices;
using CovidCxr.Domain.Readings;
using CovidCxr.Statistics;
using CovidCxr.Statistics.Agreement;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Application.Agreement;

/// <summary>Call and confidence together are an ordered scale; COVID-19 or not alone, and the five opinions, are not.</summary>
static class SuspicionScale
{
    public const int Steps = 10;

    /// <summary>0 (surely not COVID-19) to 9 (surely COVID-19); null where indeterminate, or confidence is none.</summary>
    public static int? Step(Said? said) => said switch
    {
        null or { Opinion: Opinion.Indeterminate } or { Confidence: < 1 or > 5 } => null,
        { Opinion: Opinion.Covid19, Confidence: var c } => 4 + c,
        { Confidence: var c } => 5 - c,
    };

    /// <returns>What tells it once the bootstrap is through.</returns>
    public static Func<SuspicionShift> Shift(PatientBootstrap bootstrap, List<ReaderCase> cases)
    {
        List<int> both = [.. Enumerable.Range(0, cases.Count).Where(i => Step(cases[i].Before) is not null && Step(cases[i].After) is not null)];
        int[] cells = [.. both.Select(i => PairTable.Cell(Step(cases[i].Before)!.Value, Step(cases[i].After)!.Value, Steps))];
        var patients = bootstrap.Patients.Only(both);
        var estimates = bootstrap.Add(TotalStatistics.OfCells(
            patients, cells, Steps * Steps, [CohenKappa.Statistic(Steps, AgreementWeights.Linear), CohenKappa.Statistic(Steps, AgreementWeights.Quadratic)]));
        return () => new(both.Count, PairBootstrap.Said(estimates()[0], patients.NonEmpty), PairBootstrap.Said(estimates()[1], patients.NonEmpty));
    }

    /// <returns>What tells it once the bootstrap is through.</returns>
    public static Func<BetweenReaders> Between(PatientBootstrap bootstrap, List<ReaderCase> cases)
    {
        Dictionary<StudyFacts, List<int>> byStudy = [];
        for (var i = 0; i < cases.Count; i++)
        {
            if (cases[i].Call(Party.Blind) is not null)
            {
                (CollectionsMarshal.GetValueRefOrAddDefault(byStudy, cases[i].Study, out _) ??= []).Add(i);
            }
        }

        List<List<int>> called = [.. byStudy.Values.Where(c => c.Count > 1)];
        var patients = bootstrap.Patients.Only(called.ConvertAll(c => c[0]));
        var calls = bootstrap.Add(RaterAgreement.Statistics(patients, Table(c => c.Call(Party.Blind) == true ? 1 : 0, 2)));
        var suspicion = bootstrap.Add(KrippendorffAlpha.Statistics(patients, Table(c => Step(c.Before), Steps), MeasurementLevel.Ordinal));
        return () => new(
            called.Count, patients.NonEmpty, called.SelectMany(g => g).Select(i => cases[i].ReaderId).Distinct().Count(), RaterAgreement.From([.. calls().Select(Said)]), Said(suspicion()[0]));

        RatingTable Table(Func<ReaderCase, int?> of, int categories) => RatingTable.Of(called.Select(g => g.ConvertAll(i => of(cases[i]))), categories);

        Estimate Said(Estimate estimate) => PairBootstrap.Said(estimate, patients.NonEmpty);
    }
}

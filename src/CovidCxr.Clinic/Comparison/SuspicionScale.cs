using CovidCxr.Domain.Readings;
using CovidCxr.Statistics;
using CovidCxr.Statistics.Agreement;
using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Clinic.Comparison;

/// <summary>Call and confidence together are an ordered scale. The call alone is not, and neither are the five opinions.</summary>
static class SuspicionScale
{
    public const int Steps = 10;

    /// <summary>0 (surely not COVID-19) to 9 (surely COVID-19); null where indeterminate, or confidence is none.</summary>
    public static int? Step(RatedOpinion? said) => said switch
    {
        null or { Opinion: Opinion.Indeterminate } or { Confidence: < 1 or > 5 } => null,
        { Opinion: Opinion.Covid19, Confidence: var c } => 4 + c,
        { Confidence: var c } => 5 - c,
    };

    /// <param name="all">The patients of all cases.</param>
    public static FigureRequest<SuspicionShift> AskShift(Clusters all, List<ReaderCase> cases)
    {
        List<int> both = [.. Enumerable.Range(0, cases.Count).Where(
            i => Step(cases[i].Before) is not null && Step(cases[i].After) is not null)];
        int[] cells = [.. both.Select(i => PairTable.Cell(Step(cases[i].Before)!.Value, Step(cases[i].After)!.Value, Steps))];
        var patients = all.Only(both);
        var table = TotalStatistics.OfCells(patients, cells, Steps * Steps);
        var linear = table.Ask(CohenKappa.Statistic(Steps, AgreementWeights.Linear));
        var quadratic = table.Ask(CohenKappa.Statistic(Steps, AgreementWeights.Quadratic));
        return new([table], estimates =>
        {
            var reported = new ReportedEstimates(estimates, patients.NonEmpty);
            return new(both.Count, reported[linear], reported[quadratic]);
        });
    }

    /// <param name="all">The patients of all cases.</param>
    public static FigureRequest<BetweenReaders> AskBetween(Clusters all, List<ReaderCase> cases)
    {
        List<int> blind = [.. Enumerable.Range(0, cases.Count).Where(i => cases[i].Call(Party.Blind) is not null)];
        var byStudy = Clusters.Of(blind.ConvertAll(i => cases[i].Study));
        List<int> called = [.. Enumerable.Range(0, blind.Count).Where(b => byStudy.CasesOf(byStudy.OfCase[b]).Length > 1).Select(
            b => blind[b])];
        var studies = Clusters.Of(called.ConvertAll(i => cases[i].Study));
        var patients = all.Only([.. Enumerable.Range(0, studies.Count).Select(s => called[studies.CasesOf(s)[0]])]);
        int[] calls = [.. called.Select(i => cases[i].Call(Party.Blind) == true ? 1 : 0)], steps = [.. called.Select(
            i => Step(cases[i].Before) ?? -1)];
        var agreement = RaterAgreement.Request(patients, RatingTable.Of(studies, calls, 2));
        var suspicion = KrippendorffAlpha.Request(patients, RatingTable.Of(studies, steps, Steps), MeasurementLevel.Ordinal);
        return new([.. agreement.Sets, .. suspicion.Sets], estimates => new(
            studies.Count, patients.NonEmpty, called.Select(i => cases[i].ReaderId).Distinct().Count(),
            agreement.Read(estimates).Select(Reported), Reported(suspicion.Read(estimates))));

        Estimate Reported(Estimate estimate) => ReportedEstimates.Reported(estimate, patients.NonEmpty);
    }
}

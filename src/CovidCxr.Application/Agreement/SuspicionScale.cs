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

    public static SuspicionShift Shift(List<ReaderCase> cases, CancellationToken cancellation)
    {
        var both = cases.Where(c => Step(c.Before) is not null && Step(c.After) is not null).ToList();
        var clusters = Clusters.Of([.. both.Select(c => c.Patient)]);
        var agreement = PairAgreement.Of(clusters, Steps(c => c.Before), Steps(c => c.After), SuspicionScale.Steps, cancellation: cancellation);
        return new(both.Count, Said(agreement.LinearKappa), Said(agreement.QuadraticKappa));

        int[] Steps(Func<ReaderCase, Said?> of) => [.. both.Select(c => Step(of(c))!.Value)];

        Estimate Said(Estimate estimate) => PairBootstrap.Said(estimate, clusters.Count);
    }

    public static BetweenReaders Between(List<ReaderCase> cases, CancellationToken cancellation)
    {
        var called = cases.Where(c => c.Call(Party.Blind) is not null).GroupBy(c => c.Study).Select(g => g.ToList()).Where(g => g.Count > 1).ToList();
        var clusters = Clusters.Of([.. called.Select(g => g[0].Patient)]);
        var calls = RaterAgreement.Of(clusters, Table(c => c.Call(Party.Blind) == true ? 1 : 0, 2), cancellation: cancellation);
        var steps = RaterAgreement.Of(clusters, Table(c => Step(c.Before), Steps), cancellation: cancellation);
        return new(
            called.Count, clusters.Count, called.SelectMany(g => g).Select(c => c.ReaderId).Distinct().Count(),
            new(Said(calls.Observed), Said(calls.Fleiss), Said(calls.Ac1), Said(calls.Alpha), Said(calls.OrdinalAlpha)), Said(steps.OrdinalAlpha));

        RatingTable Table(Func<ReaderCase, int?> of, int categories) => RatingTable.Of(called.Select(g => g.ConvertAll(c => of(c))), categories);

        Estimate Said(Estimate estimate) => PairBootstrap.Said(estimate, clusters.Count);
    }
}

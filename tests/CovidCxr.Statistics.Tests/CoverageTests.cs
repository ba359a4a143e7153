using CovidCxr.Statistics.Agreement;
using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Statistics.Tests;

/// <summary>How often a 95% interval holds the truth, over data simulated from a known one.</summary>
[Trait("Speed", "Slow")]
public class CoverageTests
{
    readonly Random random = new(17);

    [Theory]
    [InlineData(40, 0.1)]
    [InlineData(40, 0.5)]
    [InlineData(200, 0.97)]
    public void Wilson_OverManySamples_HoldsTheTruth(int cases, double truth) =>
        AssertCoverage(Share(2000, truth, () => Wilson.Proportion(Enumerable.Range(0, cases).Count(_ => random.NextDouble() < truth), cases)), 0.93, 0.98);

    [Fact]
    public void DeLong_OverManySamples_HoldsTheTruth()
    {
        bool[] isPositive = [.. Enumerable.Range(0, 120).Select(i => i < 60)];

        var coverage = Share(1000, Normal.Cumulative(1 / Math.Sqrt(2)), () => RocCurve.Of([.. isPositive.Select(p => Gauss() + (p ? 1 : 0))], isPositive).Area);

        AssertCoverage(coverage, 0.92, 0.975);
    }

    [Fact]
    public void KappaAndAc1_OverManySamples_HoldTheTruth()
    {
        // Cells 0.5, 0.1, 0.1, 0.3: observed 0.8, expected 0.52 (kappa) and 0.48 (AC1).
        AssertCoverage(Share(1500, 0.28 / 0.48, () => CohenKappa.Of(Table())), 0.925, 0.975);
        AssertCoverage(Share(1500, 0.32 / 0.52, () => GwetAgreement.Of(Table())), 0.925, 0.975);
    }

    [Theory]
    [InlineData(BootstrapInterval.Percentile)]
    [InlineData(BootstrapInterval.BiasCorrectedAccelerated)]
    public void ClusteredBootstrap_OfDependentCases_HoldsTheTruthWhereWilsonDoesNot(BootstrapInterval interval)
    {
        var naive = 0;
        const int times = 800;
        var coverage = Share(times, 0.7, () =>
        {
            var (patients, calls) = DependentCalls();
            var wilson = Wilson.Proportion(calls.Count(c => c == 1), calls.Length);
            naive += wilson.Lower <= 0.7 && 0.7 <= wilson.Upper ? 1 : 0;
            var statistics = TotalStatistics.OfCells(Clusters.Of(patients), calls, 2, [TotalStatistic.Ratio([1], [0, 1])]);
            return ClusteredBootstrap.Intervals(statistics, Plan(interval), TestContext.Current.CancellationToken)[0];
        });

        AssertCoverage(coverage, 0.91, 0.975);
        Assert.True(naive < 0.88 * times, $"Wilson's held {naive} of {times}");
    }

    [Fact]
    public void ClusteredBootstrap_OfArea_HoldsTheTruth()
    {
        // 60 patients of three films each with a patient's own shift of variance 1.
        int[] patients = [.. Enumerable.Range(0, 180).Select(i => i / 3)];
        var clusters = Clusters.Of(patients);
        bool[] isPositive = [.. patients.Select(p => p % 2 == 0)];

        var coverage = Share(300, Normal.Cumulative(1.5 / Math.Sqrt(4)), () =>
        {
            double[] shift = [.. Enumerable.Range(0, 60).Select(_ => Gauss())];
            double[] scores = [.. patients.Select((p, i) => Gauss() + shift[p] + (isPositive[i] ? 1.5 : 0))];
            return ClusteredBootstrap.Intervals(new AreaStatistic(clusters, scores, isPositive), Plan(BootstrapInterval.Percentile), TestContext.Current.CancellationToken)[0];
        });

        AssertCoverage(coverage, 0.90, 0.98);
    }

    // Patients of 1 to 6 films; half of the patients are easy (0.95 right), half hard (0.45).
    (int[] Patients, int[] Calls) DependentCalls()
    {
        var films = from patient in Enumerable.Range(0, 80)
                    let right = random.Next(2) == 0 ? 0.95 : 0.45
                    from film in Enumerable.Range(0, random.Next(1, 7))
                    select (patient, Call: random.NextDouble() < right ? 1 : 0);
        var all = films.ToList();
        return ([.. all.Select(f => f.patient)], [.. all.Select(f => f.Call)]);
    }

    PairTable Table()
    {
        var counts = new int[4];
        for (var i = 0; i < 150; i++)
        {
            counts[random.NextDouble() switch { < 0.5 => 0, < 0.6 => 1, < 0.7 => 2, _ => 3 }]++;
        }

        return PairTable.Of(counts);
    }

    // Another seed for every sample: one set of 400 resamples has errors of its own.
    BootstrapPlan Plan(BootstrapInterval interval) => new() { Resamples = 400, Threads = 1, Interval = interval, Seed = (ulong)random.Next() };

    double Gauss() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    static double Share(int times, double truth, Func<Estimate> sample) =>
        Enumerable.Range(0, times).Count(_ => sample() is { Lower: { } low, Upper: { } high } && low <= truth && truth <= high) / (double)times;

    static void AssertCoverage(double coverage, double low, double high)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"{coverage:P1}");
        Assert.InRange(coverage, low, high);
    }
}

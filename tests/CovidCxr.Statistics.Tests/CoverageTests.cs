using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Statistics.Tests;

/// <summary>How often a 95% interval holds the truth, over data simulated from a known one.</summary>
[Trait("Speed", "Slow")]
public class CoverageTests
{
    readonly Random _random = new(17);

    [Theory]
    [InlineData(40, 0.1)]
    [InlineData(40, 0.5)]
    [InlineData(200, 0.97)]
    public void Wilson_OverManySamples_HoldsTheTruth(int cases, double truth) =>
        AssertCoverage(
            Share(2000, truth, () => Wilson.Proportion(Enumerable.Range(0, cases).Count(_ => _random.NextDouble() < truth), cases)), 0.93,
            0.98);

    [Fact]
    public void DeLong_OverManySamples_HoldsTheTruth()
    {
        bool[] isPositive = [.. Enumerable.Range(0, 120).Select(i => i < 60)];

        // The normal distribution function at 1 / sqrt(2).
        var coverage = Share(
            1000, 0.76024993890652, () => RocCurve.Of([.. isPositive.Select(p => Gauss() + (p ? 1 : 0))], isPositive).Area);

        AssertCoverage(coverage, 0.92, 0.975);
    }

    [Fact]
    public void ClusteredBootstrap_OfDependentCases_HoldsTheTruthWhereWilsonDoesNot()
    {
        var naive = 0;
        const int times = 800;
        var coverage = Share(times, 0.7, () =>
        {
            var (patients, calls) = DependentCalls();
            var wilson = Wilson.Proportion(calls.Count(c => c == 1), calls.Length);
            naive += wilson.Lower <= 0.7 && 0.7 <= wilson.Upper ? 1 : 0;
            var statistics = TotalStatistics.OfCells(Clusters.Of(patients), calls, 2);
            var share = statistics.Ask(TotalStatistic.Ratio([1], [0, 1]));
            return ClusteredBootstrap.Intervals([statistics], Plan(), TestContext.Current.CancellationToken)[share];
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

        // The normal distribution function at 1.5 / sqrt(4).
        var coverage = Share(300, 0.77337264762313, () =>
        {
            double[] shift = [.. Enumerable.Range(0, 60).Select(_ => Gauss())];
            double[] scores = [.. patients.Select((p, i) => Gauss() + shift[p] + (isPositive[i] ? 1.5 : 0))];
            var area = new AreaStatistic(clusters, scores, isPositive);
            return ClusteredBootstrap.Intervals([area], Plan(), TestContext.Current.CancellationToken)[area.Figure];
        });

        AssertCoverage(coverage, 0.90, 0.98);
    }

    // Patients of 1 to 6 films; half of the patients are easy (0.95 right), half hard (0.45).
    (int[] Patients, int[] Calls) DependentCalls()
    {
        var films = from patient in Enumerable.Range(0, 80)
                    let right = _random.Next(2) == 0 ? 0.95 : 0.45
                    from film in Enumerable.Range(0, _random.Next(1, 7))
                    select (patient, Call: _random.NextDouble() < right ? 1 : 0);
        var all = films.ToList();
        return ([.. all.Select(f => f.patient)], [.. all.Select(f => f.Call)]);
    }

    // Another seed for every sample: one set of 400 resamples has errors of its own.
    BootstrapPlan Plan() => new() { Resamples = 400, Threads = 1, Seed = (ulong)_random.Next() };

    double Gauss() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());

    static double Share(int times, double truth, Func<Estimate> sample) =>
        Enumerable.Range(0, times).Count(_ => sample() is { Lower: { } low, Upper: { } high } && low <= truth && truth <= high)
            / (double)times;

    static void AssertCoverage(double coverage, double low, double high)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"{coverage:P1}");
        Assert.InRange(coverage, low, high);
    }
}

using System.Diagnostics;
using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Statistics.Tests.Resampling;

/// <summary>Processor time of one thread, not the clock: a busy machine does not change it much.</summary>
[Collection(nameof(Alone))]
public class ClusteredBootstrapSpeedTests
{
    const int Cases = 100_000;
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    [CollectionDefinition(nameof(Alone), DisableParallelization = true)]
    public sealed class Alone;

    [Fact]
    [Trait("Speed", "Slow")]
    public void Intervals_OfHundredThousandCases_TakeUnderTwoSeconds()
    {
        var random = new Random(1);
        var clusters = Clusters.Of([.. Enumerable.Range(0, Cases).Select(_ => random.Next(60_000))]);
        int[] cells = [.. Enumerable.Range(0, Cases).Select(_ => random.Next(4))];

        var taken = Measure(() => TotalStatistics.OfCells(clusters, cells, 4, [
            TotalStatistic.Ratio([0, 3], [0, 1, 2, 3]), TotalStatistic.Ratio([0], [0, 1]), TotalStatistic.Ratio([3], [2, 3]), TotalStatistic.Ratio([0], [0, 2])]));

        Assert.True(taken < Limit, $"{taken.TotalSeconds:F2} s");
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public void Intervals_OfAreaOfHundredThousandCases_TakeUnderTwoSeconds()
    {
        var random = new Random(1);
        var clusters = Clusters.Of([.. Enumerable.Range(0, Cases).Select(_ => random.Next(60_000))]);
        double[] scores = [.. Enumerable.Range(0, Cases).Select(_ => random.NextDouble())];

        var taken = Measure(() => new AreaStatistic(clusters, scores, [.. scores.Select(s => random.NextDouble() < s)]));

        Assert.True(taken < Limit, $"{taken.TotalSeconds:F2} s");
    }

    static TimeSpan Measure(Func<IClusterStatistics> statistics)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        ClusteredBootstrap.Intervals(statistics(), new() { Threads = 1 }, TestContext.Current.CancellationToken);
        process.Refresh();
        var taken = process.TotalProcessorTime - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"{taken.TotalSeconds:F2} s");
        return taken;
    }
}

using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;
using CovidCxr.Testing;

namespace CovidCxr.Statistics.Tests.Resampling;

public class ClusteredBootstrapTests
{
    static readonly System.Text.Json.JsonElement Golden = GoldenFile.Read("bootstrap.json");

    [Fact]
    public void Intervals_OfBinaryMetrics_EqualThoseOfRowsWrittenOut()
    {
        var m = Metrics(new() { Resamples = Golden.GetProperty("resamples").GetInt32(), Seed = Golden.GetProperty("seed").GetUInt64() });

        Estimate[] all =
            [
                m.Accuracy, m.Sensitivity, m.Specificity, m.PositivePredictiveValue, m.NegativePredictiveValue, m.Area, m.BrierScore,
                m.ExpectedCalibrationError];
        for (var k = 0; k < all.Length; k++)
        {
            Close.To(Golden.GetProperty("percentile")[k], all[k]);
        }
    }

    [Fact]
    public void Intervals_OfAnyThreadCount_AreTheSame() =>
        Assert.Equal(Metrics(new() { Resamples = 300, Threads = 1 }), Metrics(new() { Resamples = 300, Threads = 7 }));

    [Fact]
    public void Intervals_OfOtherSeed_Differ() =>
        Assert.NotEqual(Metrics(new() { Resamples = 300, Seed = 1 }).Area.Lower, Metrics(new() { Resamples = 300, Seed = 2 }).Area.Lower);

    [Fact]
    public void Intervals_WithoutCases_SayWhy()
    {
        var m = Metrics(SingleCases.Of(0), [], []);

        Assert.Equal(Estimate.Undefined(0, "not defined by these cases"), m.Area);
        Assert.Equal(m.Area, m.ExpectedCalibrationError);
    }

    [Fact]
    public void Intervals_OfOneClass_AreUndefinedWhereBothAreNeeded()
    {
        var m = Metrics(SingleCases.Of(40), [.. Enumerable.Range(0, 40).Select(i => i / 40.0)], [.. Enumerable.Repeat(true, 40)]);

        Assert.Null(m.Area.Value);
        Assert.Null(m.Specificity.Value);
        Assert.Equal(0, m.Specificity.Count);
        Assert.NotNull(m.Sensitivity.Lower);
    }

    [Fact]
    public void Intervals_OfPerfectModel_DoNotPretendCertainty()
    {
        bool[] truth = [.. Enumerable.Range(0, 40).Select(i => i % 2 == 0)];

        var m = Metrics(SingleCases.Of(40), [.. truth.Select(t => t ? 0.9 : 0.1)], truth);

        Assert.Equal(new(1, null, null, 20, "no interval: all resamples agree"), m.Sensitivity);
    }

    [Fact]
    public void Intervals_OfFewClusters_AreNotGiven()
    {
        var m = Metrics(
            Clusters.Of([.. Enumerable.Range(0, 60).Select(i => i % 9)]), [.. Enumerable.Range(0, 60).Select(i => i / 60.0)],
            [.. Enumerable.Range(0, 60).Select(i => i > 30)]);

        Assert.NotNull(m.Accuracy.Value);
        Assert.Null(m.Accuracy.Lower);
        Assert.Equal("too few clusters for an interval (9 of at least 10)", m.Accuracy.Method);
    }

    [Fact]
    public void Intervals_WhereResamplesOftenMissAClass_AreNotGiven()
    {
        // One positive of 20: 36% of resamples have none.
        var m = Metrics(
            SingleCases.Of(20), [.. Enumerable.Range(0, 20).Select(i => i / 20.0)], [.. Enumerable.Range(0, 20).Select(i => i == 15)]);

        Assert.NotNull(m.Area.Value);
        Assert.Null(m.Area.Lower);
        Assert.StartsWith("no interval: not defined in ", m.Area.Method);
    }

    [Fact]
    public void Intervals_OfCopiedCases_AreAsWideAsWithoutTheCopies()
    {
        double[] scores = [.. Enumerable.Range(0, 50).Select(i => i * 7 % 50 / 50.0)];
        bool[] truth = [.. scores.Select((s, i) => s + (i % 5 * 0.1) > 0.6)];
        double[] threeScores = [.. scores, .. scores, .. scores];
        bool[] threeTruths = [.. truth, .. truth, .. truth];

        var once = Metrics(SingleCases.Of(50), scores, truth);
        var thrice = Metrics(Clusters.Of([.. Enumerable.Range(0, 150).Select(i => i % 50)]), threeScores, threeTruths);
        var pretended = Metrics(SingleCases.Of(150), threeScores, threeTruths);

        Close.To(once.Area.Lower, thrice.Area.Lower);
        Close.To(once.Accuracy.Upper, thrice.Accuracy.Upper);
        Assert.True(pretended.Area.Upper - pretended.Area.Lower < 0.7 * (once.Area.Upper - once.Area.Lower));
    }

    [Fact]
    public void Intervals_OfDifferentClusters_AreRefused() =>
        Assert.Throws<ArgumentException>(() => ClusteredBootstrap.Intervals([
            new AreaStatistic(SingleCases.Of(2), [0.1, 0.2], [true, false]),
            new AreaStatistic(SingleCases.Of(2), [0.1, 0.2], [true, false])], cancellation: TestContext.Current.CancellationToken));

    [Fact]
    public void Intervals_OfAPartBesideTheWhole_AreThoseOfTheSameResamples()
    {
        var clusters = Clusters.Of(Golden.GetProperty("patients").Ints());
        var (scores, truth) = (Golden.GetProperty("scores").Doubles(), Golden.GetProperty("truth").Flags());
        int[] positives = [.. Enumerable.Range(0, truth.Length).Where(i => truth[i])];
        var whole = new TotalStatistics(clusters, 2, (i, row) => row[scores[i] >= 0.5 ? 0 : 1] += truth[i] ? 1 : 0);
        var part = TotalStatistics.OfCells(clusters.Only(positives), [.. positives.Select(i => scores[i] >= 0.5 ? 0 : 1)], 2);
        var (ofWhole, ofPart) = (whole.Ask(TotalStatistic.Ratio([0], [0, 1])), part.Ask(TotalStatistic.Ratio([0], [0, 1])));

        var e = ClusteredBootstrap.Intervals([whole, part], new() { Resamples = 1003 }, TestContext.Current.CancellationToken);

        Assert.Equal(e[ofWhole], e[ofPart]);
        Assert.Equal(
            ClusteredBootstrap.Intervals([whole], new() { Resamples = 1003 }, TestContext.Current.CancellationToken)[ofWhole], e[ofWhole]);
        Assert.Equal(positives.Select(i => Golden.GetProperty("patients").Ints()[i]).Distinct().Count(), clusters.Only(positives).NonEmpty);
    }

    // Quarters are added in single precision; thirds, and what is too large for it, in double.
    [Theory]
    [InlineData(0.25)]
    [InlineData(1 / 3.0)]
    [InlineData(1e6)]
    public void Intervals_OfMultiples_AreThoseOfTheCounts(double factor)
    {
        var clusters = Clusters.Of([.. Enumerable.Range(0, 400).Select(i => i * 31 % 150)]);

        var (counts, multiples) = (Of(1), Of(factor));

        var e = ClusteredBootstrap.Intervals([counts.Set, multiples.Set], cancellation: TestContext.Current.CancellationToken);

        var (one, many) = (e[counts.Share], e[multiples.Share]);
        Close.To(one.Value, many.Value);
        Close.To(one.Lower, many.Lower);
        Close.To(one.Upper, many.Upper);
        Assert.True(one.Lower < one.Value && one.Value < one.Upper);

        (TotalStatistics Set, FigureHandle Share) Of(double times)
        {
            var set = new TotalStatistics(clusters, 2, (i, row) => row[i * 7 % 5 < 2 ? 0 : 1] += (1 + (i % 3)) * times);
            return (set, set.Ask(TotalStatistic.Ratio([0], [0, 1]) with { Cases = null }));
        }
    }

    [Theory]
    [InlineData(39, 10, 1)]
    [InlineData(100, 1, 1)]
    [InlineData(100, 10, 0)]
    public void Intervals_OfImpossiblePlan_AreRefused(int resamples, int clusters, int threads) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => Metrics(new() { Resamples = resamples, MinimumClusters = clusters, Threads = threads }));

    [Fact]
    public async Task Intervals_WhenCancelled_Stop()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();

        Assert.ThrowsAny<OperationCanceledException>(() =>
            ClusteredBootstrap.Intervals(
                [new AreaStatistic(SingleCases.Of(20), new double[20], new bool[20])], cancellation: source.Token));
    }

    [Fact]
    public void Estimates_OfAFigureThatWasNotAskedForBefore_AreRefused()
    {
        var (own, other) =
            (TotalStatistics.OfCells(SingleCases.Of(4), [0, 1, 0, 1], 2), TotalStatistics.OfCells(SingleCases.Of(4), [0, 1, 0, 1], 2));
        var early = own.Ask(TotalStatistic.Ratio([0], [0, 1]));

        var e = ClusteredBootstrap.Intervals([own], cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(0.5, e[early].Value);
        Assert.Throws<ArgumentException>(() => e[own.Ask(TotalStatistic.Ratio([1], [0, 1]))]);
        Assert.Throws<ArgumentException>(() => e[other.Ask(TotalStatistic.Ratio([0], [0, 1]))]);
        Assert.Throws<ArgumentException>(() => e[default]);
    }

    static ClusteredMetrics Metrics(BootstrapPlan plan) => Metrics(
        Clusters.Of(Golden.GetProperty("patients").Ints()), Golden.GetProperty("scores").Doubles(), Golden.GetProperty("truth").Flags(),
        plan);

    static ClusteredMetrics Metrics(Clusters clusters, double[] scores, bool[] truth, BootstrapPlan? plan = null) =>
        ClusteredMetrics.Request(clusters, 0.5, scores, truth).Resample(plan, TestContext.Current.CancellationToken);
}

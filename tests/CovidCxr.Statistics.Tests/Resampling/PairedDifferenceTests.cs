using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;
using CovidCxr.Testing;

namespace CovidCxr.Statistics.Tests.Resampling;

public class PairedDifferenceTests
{
    static readonly System.Text.Json.JsonElement Golden = GoldenFile.Read("bootstrap.json"), Paired = GoldenFile.Read("paired.json");

    [Fact]
    public void Intervals_OfTwoAreasOnTheSameCases_EqualThoseOfRowsWrittenOut()
    {
        var (first, other) = Areas();
        var difference = new PairedDifference(first, other);

        var e = ClusteredBootstrap.Intervals(
            [difference],
            new() { Resamples = Golden.GetProperty("resamples").GetInt32(), Seed = Golden.GetProperty("seed").GetUInt64() },
            TestContext.Current.CancellationToken)[difference.Figure];

        Close.To(Paired.GetProperty("difference"), e);
        Assert.Equal(first.Clusters.Cases, e.Count);
    }

    [Fact]
    public void Intervals_OfAStatisticLessItself_AreNoughtWithoutInterval()
    {
        var (first, _) = Areas();
        var difference = new PairedDifference(first, first);

        var e = ClusteredBootstrap.Intervals([difference], cancellation: TestContext.Current.CancellationToken)[difference.Figure];

        Assert.Equal((0.0, null, null), (e.Value, e.Lower, e.Upper));
    }

    [Fact]
    public void Difference_OfOtherClusters_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new PairedDifference(
            new AreaStatistic(SingleCases.Of(4), new double[4], new bool[4]),
            new AreaStatistic(SingleCases.Of(4), new double[4], new bool[4])));

    static (AreaStatistic First, AreaStatistic Other) Areas()
    {
        var clusters = Clusters.Of(Golden.GetProperty("patients").Ints());
        var truth = Golden.GetProperty("truth").Flags();
        return (
            new(clusters, Golden.GetProperty("scores").Doubles(), truth), new(clusters, Paired.GetProperty("other").Doubles(), truth));
    }
}

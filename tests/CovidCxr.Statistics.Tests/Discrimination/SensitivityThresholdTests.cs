using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Statistics.Tests.Discrimination;

public class SensitivityThresholdTests
{
    static Estimate Threshold(double[] scores, bool[] truth, double target, string[]? patients = null)
    {
        var clusters = Clusters.Of(patients ?? [.. scores.Select((_, i) => $"{i}")]);
        var statistic = new SensitivityThreshold(clusters, scores, truth, target);
        return ClusteredBootstrap.Intervals([statistic])[statistic.Figure];
    }

    [Theory]
    [InlineData(0.5, 0.75)]
    [InlineData(0.51, 0.5)]
    [InlineData(0.75, 0.5)]
    [InlineData(1.0, 0.15)]
    public void Threshold_IsTheHighestThatFindsSoMany_MidwayToTheNextScore(double target, double expected) =>
        Assert.Equal(expected, Threshold(
            [0.9, 0.8, 0.7, 0.6, 0.4, 0.2, 0.1], [true, true, false, true, false, true, false], target).Value!.Value, 12);

    [Fact]
    public void Threshold_WithoutPositives_IsNotDefined() => Assert.Null(Threshold([0.1, 0.2], [false, false], 0.9).Value);

    [Fact]
    public void Threshold_OfTheLowestScoreOfAll_LiesBelowIt() => Assert.Equal(0.15, Threshold([0.3], [true], 0.9).Value!.Value, 12);

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void Target_OutsideItsRange_IsRefused(double target) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Threshold([0.3], [true], target));

    /// <summary>Films of one patient come or go together: the interval of 20 patients is wider than that of as many single films.</summary>
    [Fact]
    public void Interval_IsByPatient()
    {
        double[] scores = [.. Enumerable.Range(0, 200).Select(i => ((i / 10) + ((i % 10) / 1000.0)) / 25)];
        bool[] truth = [.. scores.Select(_ => true)];

        var single = Threshold(scores, truth, 0.9);
        var byPatient = Threshold(scores, truth, 0.9, [.. scores.Select((_, i) => $"{i / 10}")]);

        Assert.Equal(single.Value, byPatient.Value);
        Assert.True(byPatient.Upper - byPatient.Lower > 2 * (single.Upper - single.Lower));
    }

    /// <summary>A case that lies below all others is found at its own threshold and missed at the others'.</summary>
    [Fact]
    public void CallsByOthers_LeaveOutTheOwnPatient()
    {
        double[] scores = [0.9, 0.8, 0.7, 0.2, 0.05];
        bool[] truth = [true, true, true, true, false];
        var clusters = Clusters.Of<string>(["a", "b", "c", "d", "e"]);

        Assert.Equal([true, true, true, false, false], SensitivityThreshold.CallsByOthers(clusters, scores, truth, 1));
        Assert.Equal(0.125, Threshold(scores, truth, 1).Value!.Value, 12);
    }

    [Theory]
    [InlineData(0.9, 0.2, 35)]
    [InlineData(0.9, 0.1, 139)]
    [InlineData(0.5, 0.2, 97)]
    [InlineData(1.0, 0.2, 0)]
    public void IntervalPlan_OfAProportion_IsBuderers(double expected, double width, int cases) =>
        Assert.Equal(cases, IntervalPlan.OfProportion(expected, width));

    [Theory]
    [InlineData(100, 0.2, 0.1, 300)]
    [InlineData(100, 0.1, 0.1, 0)]
    [InlineData(100, 0.05, 0.1, 0)]
    public void IntervalPlan_More_GoesWithTheSquareOfTheWidth(int cases, double width, double wanted, int more) =>
        Assert.Equal(more, IntervalPlan.More(cases, width, wanted));
}

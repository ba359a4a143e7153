using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Statistics.Tests.Resampling;

public class FoldMeanTests
{
    // 0.9 +- 2.776445105 * sqrt(0.00025 / 5): variance of {0.88, 0.89, 0.90, 0.91, 0.92} by hand.
    [Fact]
    public void Of_FiveFolds_IsMeanAndStudentsInterval()
    {
        var mean = FoldMean.Of([0.88, 0.89, 0.90, 0.91, 0.92]);
        Assert.Equal(0.9, mean.Value!.Value, 1e-12);
        Assert.Equal(0.8803675685, mean.Lower!.Value, 1e-9);
        Assert.Equal(0.9196324315, mean.Upper!.Value, 1e-9);
        Assert.Equal(5, mean.Count);
    }

    // scipy.stats.t.ppf(0.975, df) for the ends of the table: two values 0 and 1 have the standard error 0.5.
    [Fact]
    public void Of_TwoFoldsAndTwenty_UseTheirDegreesOfFreedom()
    {
        Assert.Equal(0.5 + (0.5 * 12.706204736), FoldMean.Of([0, 1]).Upper!.Value, 1e-8);
        var twenty = FoldMean.Of([.. Enumerable.Range(0, 20).Select(i => (double)(i % 2))]);
        Assert.Equal(0.5 + (2.093024054 * Math.Sqrt(5.0 / 19 / 20)), twenty.Upper!.Value, 1e-9);
    }

    [Fact]
    public void Of_NoneOrOne_HasNoInterval()
    {
        Assert.Null(FoldMean.Of([]).Value);
        var one = FoldMean.Of([0.7]);
        Assert.Equal(0.7, one.Value!.Value, 1e-12);
        Assert.Null(one.Lower);
        Assert.Throws<ArgumentOutOfRangeException>(() => FoldMean.Of(new double[21]));
    }
}

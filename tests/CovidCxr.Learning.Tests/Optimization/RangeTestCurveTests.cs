using CovidCxr.Learning.Optimization;

namespace CovidCxr.Learning.Tests.Optimization;

public class RangeTestCurveTests
{
    [Fact]
    public void RateAt_FirstAndLast_AreTheMethodsEnds()
    {
        Assert.Equal(1e-7, RangeTestCurve.RateAt(0, 100), 15);
        Assert.Equal(1e-3, RangeTestCurve.RateAt(50, 101), 9);
        Assert.Equal(10, RangeTestCurve.RateAt(99, 100), 9);
    }

    [Fact]
    public void Add_ConstantLoss_IsItsOwnAverage()
    {
        var curve = new RangeTestCurve();
        Assert.True(curve.Add(1e-7, 0.7));
        Assert.True(curve.Add(1e-6, 0.7));
        Assert.All(curve.Points, p => Assert.Equal(0.7, p.SmoothedLoss, 12));
    }

    [Fact]
    public void Add_SmoothedLossOverFourTimesItsBest_Stops()
    {
        var curve = new RangeTestCurve();
        curve.Add(1e-7, 1);
        Assert.True(curve.Add(1e-6, 6.9));
        Assert.False(curve.Add(1e-5, 100));
        Assert.False(new RangeTestCurve().Add(1, double.NaN));
    }

    [Fact]
    public void Suggest_LossThatFallsBetweenTwoRates_FindsThem()
    {
        var curve = new RangeTestCurve();
        for (var i = 0; i < 1000; i++)
        {
            // Falls from 1 to 0.2 around 1e-2, a decade to each side; the average of 0.98 lags by about half a decade.
            var rate = RangeTestCurve.RateAt(i, 1000);
            curve.Add(rate, 0.2 + (0.8 / (1 + Math.Exp(4 * (Math.Log10(rate) + 2)))));
        }

        var suggestion = curve.Suggest();
        Assert.NotNull(suggestion);
        Assert.InRange(suggestion.MinRate, 2e-3, 1.5e-2);
        Assert.InRange(suggestion.MaxRate, 2e-2, 2e-1);
    }

    [Fact]
    public void Suggest_LossThatOnlyRises_IsNothing()
    {
        var curve = new RangeTestCurve();
        for (var i = 0; i < 50; i++)
        {
            curve.Add(RangeTestCurve.RateAt(i, 50), 1 + (0.01 * i));
        }

        Assert.Null(curve.Suggest());
    }

    [Fact]
    public void Suggest_FirstBatchThatHappensToBeBad_IsNoFall()
    {
        var curve = new RangeTestCurve();
        for (var i = 0; i < 60; i++)
        {
            var rate = RangeTestCurve.RateAt(i, 60);
            curve.Add(rate, i == 0 ? 2 : 0.5 + (0.3 / (1 + Math.Exp(4 * (Math.Log10(rate) + 3)))));
        }

        Assert.True(curve.Suggest()?.MinRate > 1e-6);
    }
}

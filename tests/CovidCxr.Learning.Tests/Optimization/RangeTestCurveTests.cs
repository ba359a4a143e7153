using CovidCxr.Imaging.Augmentation;
using CovidCxr.Learning.Optimization;
using CovidCxr.Testing;

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
            // Falls from 1 to 0.2 around 1e-2, half a decade to each side.
            var rate = RangeTestCurve.RateAt(i, 1000);
            curve.Add(rate, 0.2 + (0.8 / (1 + Math.Exp(4 * (Math.Log10(rate) + 2)))));
        }

        var suggestion = curve.Suggest().Range;
        Assert.NotNull(suggestion);
        Assert.InRange(suggestion.MinRate, 2e-3, 1e-2);
        Assert.InRange(suggestion.MaxRate, 1e-2, 5e-2);
    }

    [Fact]
    public void Suggest_LossThatOnlyRises_IsNothing()
    {
        var curve = new RangeTestCurve();
        for (var i = 0; i < 50; i++)
        {
            curve.Add(RangeTestCurve.RateAt(i, 50), 1 + (0.01 * i));
        }

        Assert.Null(curve.Suggest().Range);
        Assert.NotEmpty(curve.Suggest().Reason);
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

        Assert.True(curve.Suggest().Range is null or { MinRate: > 1e-6 });
    }

    [Theory]
    [Trait("Speed", "Slow")]
    [InlineData(60)]
    [InlineData(120)]
    [InlineData(600)]
    public void Suggest_PureNoise_IsNothingInAnyOfTwoHundredSeeds(int iterations)
    {
        var suggested = Enumerable.Range(0, 200).Count(seed =>
        {
            var random = new SplitMix64(seed);
            var curve = new RangeTestCurve();
            for (var i = 0; i < iterations; i++)
            {
                curve.Add(RangeTestCurve.RateAt(i, iterations), 0.69 + (0.1 * random.Normal()));
            }

            return curve.Suggest().Range is not null;
        });

        Assert.True(suggested <= 2, $"{suggested} of 200");
    }

    [Fact]
    public void Suggest_AfterTheFewestSteps_IsNotRefusedForThem()
    {
        Assert.Contains("Too few", Curve(RangeTestCurve.FewestSteps / 2).Suggest().Reason, StringComparison.Ordinal);
        Assert.NotNull(Curve(RangeTestCurve.FewestSteps).Suggest().Range);
        Assert.True(RangeTestCurve.DefaultSteps >= 2 * RangeTestCurve.FewestSteps);

        static RangeTestCurve Curve(int steps)
        {
            var curve = new RangeTestCurve();
            for (var i = 0; i < steps; i++)
            {
                var rate = RangeTestCurve.RateAt(i, steps);
                curve.Add(rate, 0.2 + (0.8 / (1 + Math.Exp(4 * (Math.Log10(rate) + 2)))));
            }

            return curve;
        }
    }

    [Fact]
    public void Suggest_RecordedCurveFromImageNetsWeights_LiesInItsFall()
    {
        var recorded = GoldenFile.Read("rangeTest.json");
        var curve = new RangeTestCurve();
        foreach (var (step, loss) in recorded.GetProperty("losses").Doubles().Index())
        {
            curve.Add(RangeTestCurve.RateAt(step, recorded.Int("steps")), loss);
        }

        // Its mean over a decade is lowest about 2e-4, and has risen by 5e-4.
        var range = curve.Suggest().Range;
        Assert.NotNull(range);
        Assert.InRange(range.MinRate, 1e-5, 1e-4);
        Assert.InRange(range.MaxRate, 1e-4, 2.5e-4);
    }

    [Theory]
    [Trait("Speed", "Slow")]
    [InlineData(0.05, 98)]
    [InlineData(0.1, 60)]
    [InlineData(0.15, 10)]
    public void Suggest_FineTunedWeights_LiesByTheirFallOrIsNothing(double noise, int fewest)
    {
        // Weights that know something: the loss falls slowly from the first step on, faster from 2e-5 on, is lowest at 2.5e-4 and rises.
        var ranges = Enumerable.Range(0, 100).Select(seed =>
        {
            var random = new SplitMix64(seed);
            var curve = new RangeTestCurve();
            for (var i = 0; i < RangeTestCurve.DefaultSteps; i++)
            {
                var rate = Math.Log10(RangeTestCurve.RateAt(i, RangeTestCurve.DefaultSteps));
                var loss = 0.75 - (0.02 * (Math.Min(rate, -3.6) + 7)) - (0.35 * Step(rate + 4.4)) + (2 * Step(rate + 2))
                    + (noise * random.Normal());
                if (!curve.Add(Math.Pow(10, rate), loss))
                {
                    break;
                }
            }

            return curve.Suggest().Range;
        }).OfType<RateRange>().ToList();

        Assert.InRange(ranges.Count, fewest, 100);
        Assert.True(ranges.Count(r => r.MinRate >= 3e-6 && r.MaxRate <= 1e-3) >= ranges.Count - 2, string.Join("\n", ranges));

        static double Step(double x) => 1 / (1 + Math.Exp(-4 * x));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Suggest_NoisyLossThatFallsAndRises_LiesBeforeTheRise(int seed)
    {
        // Falls between 1e-4 and 1e-3, rises from 1e-2 on, and falls once more from 1 on, when the network gives up.
        var random = new SplitMix64(seed);
        var curve = new RangeTestCurve();
        for (var i = 0; i < 240; i++)
        {
            var rate = Math.Log10(RangeTestCurve.RateAt(i, 240));
            var loss = 0.9 - (0.5 * Step(rate + 3.5)) + (1.5 * Step(rate + 1.5)) - (0.8 * Step(rate - 0.3)) + (0.03 * random.Normal());
            Assert.True(curve.Add(Math.Pow(10, rate), loss));
        }

        var range = curve.Suggest().Range!;
        Assert.InRange(range.MinRate, 3e-5, 4e-4);
        Assert.InRange(range.MaxRate, 2e-4, 3e-3);

        static double Step(double x) => 1 / (1 + Math.Exp(-4 * x));
    }
}

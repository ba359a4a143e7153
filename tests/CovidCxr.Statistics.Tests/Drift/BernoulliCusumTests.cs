using CovidCxr.Statistics.Drift;

namespace CovidCxr.Statistics.Tests.Drift;

public class BernoulliCusumTests
{
    const double OncePerThousand = 1e-3;

    static int Length(Random random, double share, BernoulliCusum cusum)
    {
        for (var (n, sum) = (1, 0); ; n++)
        {
            sum = Math.Max(0, sum + (random.NextDouble() < share ? cusum.Event : cusum.NoEvent));
            if (sum >= cusum.Limit)
            {
                return n;
            }
        }
    }

    [Theory]
    [Trait("Speed", "Slow")]
    [InlineData(20_000, 200_000, 0.03)]
    [InlineData(20_000, 200_000, -0.03)]
    [InlineData(120_000, 200_000, 0.05)]
    [InlineData(190_000, 200_000, -0.03)]
    public void Design_OfALargeSample_IsWhatASimulationFinds(int events, int cases, double shift)
    {
        var cusum = BernoulliCusum.Design(events, cases, shift, OncePerThousand)!;
        var (before, random) = (events / (double)cases, new Random(7));
        double Mean(double share) => Enumerable.Range(0, 2_000).Average(_ => (double)Length(random, share, cusum));

        Assert.InRange(1 / cusum.FalseAlarms, 1000, 1250);
        Assert.InRange(Mean(before) * cusum.FalseAlarms, 0.93, 1.07);
        Assert.InRange(Mean(before + shift) / cusum.MeanDelay, 0.95, 1.05);
        // Page's weights are the log likelihood ratios.
        var ratio = Math.Log((before + shift) / before) / Math.Log((1 - before - shift) / (1 - before));
        Assert.InRange(cusum.Event / (double)cusum.NoEvent / ratio, 0.95, 1.05);
    }

    [Theory]
    [Trait("Speed", "Slow")]
    [InlineData(500, 0.1, 0.03)]
    [InlineData(300, 0.3, 0.05)]
    [InlineData(500, 0.4, -0.06)]
    [InlineData(2000, 0.1, 0.03)]
    public void Design_OfASampleThatItEstimatesItselfFrom_KeepsItsWord(int sample, double share, double shift)
    {
        const int Runs = 400, Cases = 1_000;
        var random = new Random(11);
        bool[] Draw(int count, double of) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() < of)];
        var designs = new Dictionary<int, BernoulliCusum?>();
        var (falseAlarms, found) = (0, 0);
        for (var run = 0; run < Runs; run++)
        {
            var events = Draw(sample, share).Count(e => e);
            if (!designs.TryGetValue(events, out var cusum))
            {
                designs[events] = cusum = BernoulliCusum.Design(events, sample, shift, OncePerThousand);
            }

            falseAlarms += cusum!.Alarms(Draw(Cases, share)).Count;
            found += cusum.Alarms(Draw(cusum.SureDelay!.Value, share + shift)).Count > 0 ? 1 : 0;
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{falseAlarms} false alarms in {Runs} thousand cases, {found} of {Runs} found; {designs.Values.First()}");
        Assert.True(falseAlarms <= 1.25 * Runs, $"{falseAlarms} false alarms in {Runs} thousand cases.");
        Assert.True(found >= 0.92 * Runs, $"{found} of {Runs} found.");
    }

    [Fact]
    public void Alarms_SayWhereTheRiseBegan_AndBeginAnew()
    {
        var cusum = new BernoulliCusum(Event: 3, NoEvent: -1, Limit: 6, FalseAlarms: 0, MeanDelay: 0, SureDelay: null);

        Assert.Equal([(4, 5), (7, 10)], cusum.Alarms([true, false, false, false, true, true, false, true, false, true, true]));
        Assert.Empty(cusum.Alarms([]));
    }

    [Fact]
    public void Design_OfAShareThatCannotMoveSoFar_IsNone()
    {
        Assert.Null(BernoulliCusum.Design(1, 500, -0.03, OncePerThousand));
        Assert.Null(BernoulliCusum.Design(499, 500, 0.03, OncePerThousand));
        Assert.Throws<ArgumentOutOfRangeException>(() => BernoulliCusum.Design(5, 4, 0.1, OncePerThousand));
        Assert.Throws<ArgumentOutOfRangeException>(() => BernoulliCusum.Design(1, 4, 0, OncePerThousand));
    }
}

using CovidCxr.Statistics.Drift;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Statistics.Tests.Drift;

public class ExpectedRatesTests
{
    const double Threshold = 0.5;

    // Scores whose log odds are normal, two apart: what is asked about has another share of ill patients than what is known.
    static (double[] Scores, bool[] Truth) Draw(Random random, int count, double ill)
    {
        bool[] truth = [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() < ill)];
        return ([.. truth.Select(t => 1 / (1 + Math.Exp(-((t ? 1 : -1) + Normal(random)))))], truth);
    }

    static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    static (Estimate Sensitivity, Estimate Specificity) Expect(double[] known, bool[] truth, double[] asked)
    {
        double[] scores = [.. known, .. asked];
        var clusters = Clusters.Of([.. Enumerable.Range(0, scores.Length)]);
        var rates = new ExpectedRates(
            clusters, scores, [.. truth.Select(t => (bool?)t), .. asked.Select(_ => (bool?)null)], [.. scores.Select(s => s >= Threshold)]);
        var estimates = ClusteredBootstrap.Intervals([rates], new() { Resamples = 300 });
        return (estimates[rates.Sensitivity], estimates[rates.Specificity]);
    }

    static double Share(double[] scores, bool[] truth, bool ofIll) =>
        scores.Where((_, i) => truth[i] == ofIll).Average(s => (s >= Threshold) == ofIll ? 1.0 : 0);

    [Fact]
    public void Estimates_OfTheSameMixture_AreWhatTheTruthSays()
    {
        var random = new Random(3);
        var (known, truth) = Draw(random, 600, ill: 0.4);
        var (asked, secret) = Draw(random, 600, ill: 0.4);

        var (sensitivity, specificity) = Expect(known, truth, asked);

        var (trueSensitivity, trueSpecificity) = (Share(asked, secret, ofIll: true), Share(asked, secret, ofIll: false));
        Assert.InRange(trueSensitivity, sensitivity.Lower!.Value - 0.02, sensitivity.Upper!.Value + 0.02);
        Assert.InRange(trueSpecificity, specificity.Lower!.Value - 0.02, specificity.Upper!.Value + 0.02);
        Assert.Equal(trueSensitivity, sensitivity.Value!.Value, 0.05);
        Assert.Equal(trueSpecificity, specificity.Value!.Value, 0.05);
    }

    [Fact]
    public void Estimates_OfNoisierScores_FallAsTheTruthDoes()
    {
        var random = new Random(4);
        var (known, truth) = Draw(random, 600, ill: 0.4);
        // A share of the films are bad: their scores lie around the middle and say little, and they are as often ill.
        double[] asked =
        [
            .. Draw(random, 600, ill: 0.4).Scores.Select((s, i) => i % 2 == 0 ? s : 0.5 + (0.05 * (random.NextDouble() - 0.5))),
        ];

        var before = Expect(known, truth, Draw(random, 600, ill: 0.4).Scores);
        var after = Expect(known, truth, asked);

        Assert.True(after.Sensitivity.Value < before.Sensitivity.Value - 0.08);
        Assert.True(after.Specificity.Value < before.Specificity.Value - 0.08);
    }

    [Fact]
    public void Estimates_OfScoresOfAnyShape_AreThoseOfTheKnownCases()
    {
        // Even scores on each side, a fifth of both kinds on the wrong one: no logistic curve looks like that.
        bool[] truth = [.. Enumerable.Range(0, 500).Select(i => i % 5 < 2)];
        double[] scores = [.. truth.Select((t, i) => (i / 5 % 5 == 0) != t ? 0.5 + (i % 97 / 200.0) : i % 97 / 200.0)];

        var (sensitivity, specificity) = Expect(scores, truth, scores);

        Assert.Equal(0.8, sensitivity.Value!.Value, 1e-3);
        Assert.Equal(0.8, specificity.Value!.Value, 1e-3);
    }

    [Fact]
    public void Estimates_OfScoresThatTellAll_AreFinite_AndOfOneSideAlone_AreNone()
    {
        double[] known = [0.01, 0.02, 0.03, 0.98, 0.99, 1];
        var (sensitivity, _) = Expect(known, [false, false, false, true, true, true], [0.0, 0.5, 1]);
        Assert.InRange(sensitivity.Value!.Value, 0.9, 1);

        Assert.Null(Expect([0.7, 0.8, 0.9], [true, false, true], [0.1, 0.9]).Specificity.Value);
        Assert.Throws<ArgumentException>(() => new ExpectedRates(Clusters.Of([1]), [0.1, 0.2], [true], [true]));
    }
}

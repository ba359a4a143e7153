using System.Text.Json;
using CovidCxr.Statistics.Calibration;
using CovidCxr.Statistics.Discrimination;
using CovidCxr.Testing;

namespace CovidCxr.Statistics.Tests.Discrimination;

/// <summary>Against scikit-learn and statsmodels: smooth scores, ties, perfect, reversed, one class, one case, none.</summary>
public class GoldenDiscriminationTests
{
    static readonly JsonElement Golden = GoldenFile.Read("discrimination.json");

    public static TheoryData<string> Names =>
        [.. Golden.GetProperty("cases").EnumerateArray().Select(c => c.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void ConfusionCounts_OfCase_AreScikitLearns(string name)
    {
        var (golden, scores, truth) = Case(name);

        var counts = ConfusionCounts.At(golden.GetProperty("threshold").GetDouble(), scores, truth);

        var expected = golden.GetProperty("counts").Ints();
        Assert.Equal(new(expected[0], expected[1], expected[2], expected[3]), counts);
        Estimate[] all =
            [counts.Accuracy, counts.Sensitivity, counts.Specificity, counts.PositivePredictiveValue, counts.NegativePredictiveValue];
        for (var i = 0; i < all.Length; i++)
        {
            Close.To(golden.GetProperty("proportions")[i], all[i]);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void RocCurve_OfCase_IsScikitLearns(string name)
    {
        var (golden, scores, truth) = Case(name);

        var roc = RocCurve.Of(scores, truth);

        var expected = golden.GetProperty("roc").EnumerateArray().Select(p => p.Doubles()).ToList();
        Assert.Equal(expected.Count, Math.Max(0, roc.Points.Count - 1));
        Assert.All(expected.Zip(roc.Points.Skip(1)), pair =>
        {
            Close.To(pair.First[0], pair.Second.Threshold);
            Close.To(pair.First[1], pair.Second.FalsePositiveRate);
            Close.To(pair.First[2], pair.Second.TruePositiveRate);
        });
        Close.To(golden.GetProperty("youden").Optional(), roc.YoudenPoint()?.Threshold);
        Close.To(golden.GetProperty("area"), roc.Area);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ReliabilityDiagram_OfCase_IsScikitLearns(string name)
    {
        var (golden, scores, truth) = Case(name);

        var diagram = ReliabilityDiagram.Of(scores, truth);

        Close.To(golden.GetProperty("brier").Optional(), diagram.BrierScore);
        Close.To(golden.GetProperty("ece").Optional(), diagram.ExpectedCalibrationError);
        var expected = golden.GetProperty("bins").EnumerateArray().Select(b => b.Doubles()).ToList();
        Assert.Equal(expected.Count, diagram.Bins.Count);
        Assert.All(expected.Zip(diagram.Bins), pair =>
        {
            Close.To(pair.First[0], pair.Second.Low);
            Assert.Equal((int)pair.First[1], pair.Second.Count);
            Close.To(pair.First[2], pair.Second.MeanScore);
            Close.To(pair.First[3], pair.Second.ObservedRate);
        });
    }

    [Fact]
    public void Wilson_OfAnyCounts_IsStatsmodels() =>
        Assert.All(Golden.GetProperty("wilson").EnumerateArray(), row =>
            Close.To(row.GetProperty("expected"), Wilson.Proportion(row.GetProperty("x").GetInt32(), row.GetProperty("n").GetInt32())));

    [Theory]
    [InlineData(-1, 3)]
    [InlineData(4, 3)]
    [InlineData(0, -1)]
    public void Wilson_OfImpossibleCounts_IsRefused(int successes, int trials) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Wilson.Proportion(successes, trials));

    [Fact]
    public void RocCurve_WithoutOverlap_DoesNotPretendCertainty() =>
        Assert.Equal(
            "no interval: the classes are perfectly separated, or all scores are tied",
            RocCurve.Of([0.9, 0.8, 0.1, 0.2], [true, true, false, false]).Area.Method);

    [Fact]
    public void Figures_OfScoresThatAreNoNumbers_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => ConfusionCounts.At(0.5, [double.NaN], [true]));
        Assert.Throws<ArgumentException>(() => RocCurve.Of([double.NaN, 0], [true, false]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ReliabilityDiagram.Of([double.NaN], [true]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ReliabilityDiagram.Of([1.1], [true]));
        Assert.Throws<ArgumentException>(() => ReliabilityDiagram.Of([0.1, 0.2], [true]));
    }

    [Theory]
    [InlineData(0.57, 100, 57)]
    [InlineData(0.3, 10, 3)]
    [InlineData(0.29999999999999993, 10, 2)]
    [InlineData(1, 10, 9)]
    [InlineData(0, 1, 0)]
    public void BinOf_AtAnEdge_IsTheBinThatShowsIt(double score, int bins, int expected) =>
        Assert.Equal(expected, ReliabilityDiagram.BinOf(score, bins));

    [Fact]
    public void PredictiveValues_AtPrevalence_AreMercaldos() =>
        Assert.All(GoldenFile.Read("agreement.json").GetProperty("predictive").EnumerateArray(), row =>
        {
            var (positive, negative) = Worth(row.GetProperty("prevalence").GetDouble(), [.. row.GetProperty("table").Ints()]);

            Close.To(row.GetProperty("positive")[0].Optional(), positive);
            Close.To(row.GetProperty("negative")[0].Optional(), negative);
        });

    [Fact]
    public void PredictiveValues_AtTheirOwnPrevalence_AreTheTables()
    {
        var counts = new ConfusionCounts(30, 10, 20, 60);

        var (positive, negative) = Worth(40 / 120.0, [30, 10, 20, 60]);

        Close.To(counts.PositivePredictiveValue.Value, positive);
        Close.To(counts.NegativePredictiveValue.Value, negative);
    }

    [Fact]
    public void PredictiveValues_OfOneClassOrPerfectOrNone_AreWhatIsDefined()
    {
        Assert.Null(Worth(0.1, [5, 1, 0, 0]).Positive);
        Assert.Equal(1, Worth(0.1, [10, 0, 0, 10]).Positive);
        Assert.Null(Worth(0.1, [0, 5, 0, 5]).Positive);
        Assert.Throws<ArgumentOutOfRangeException>(() => PredictiveValues.Statistics(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => PredictiveValues.Statistics(1));
    }

    [Fact]
    public void Thinned_ByAStep_KeepsBothEndsAndNoStepThatIsSmaller()
    {
        double[] scores = [.. Enumerable.Range(0, 2000).Select(i => i * 37 % 2000 / 2000.0)];
        var curve = RocCurve.Of(scores, [.. scores.Select((s, i) => s + (i % 3 * 0.3) > 0.8)]);

        var thinned = curve.Thinned(0.01);

        Assert.Equal((curve.Points[0], curve.Points[^1]), (thinned[0], thinned[^1]));
        Assert.InRange(thinned.Count, 20, 201);
        Assert.All(thinned.Zip(thinned.Skip(1)).SkipLast(1), p =>
            Assert.True(
                p.Second.FalsePositiveRate - p.First.FalsePositiveRate + p.Second.TruePositiveRate - p.First.TruePositiveRate >= 0.01));
    }

    static (double? Positive, double? Negative) Worth(double prevalence, double[] counts)
    {
        var (positive, negative) = PredictiveValues.Statistics(prevalence);
        return (positive.Value(counts), negative.Value(counts));
    }

    static (JsonElement Golden, double[] Scores, bool[] Truth) Case(string name)
    {
        var golden = Golden.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);
        return (golden, golden.GetProperty("scores").Doubles(), golden.GetProperty("truth").Flags());
    }
}

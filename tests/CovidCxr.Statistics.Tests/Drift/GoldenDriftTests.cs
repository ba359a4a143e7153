using System.Text.Json;
using CovidCxr.Statistics.Drift;
using CovidCxr.Testing;

namespace CovidCxr.Statistics.Tests.Drift;

public class GoldenDriftTests
{
    static readonly JsonElement Golden = GoldenFile.Read("drift.json");

    [Fact]
    public void KolmogorovSmirnov_OfSmallSamples_IsScipysExact() =>
        Assert.All(Golden.GetProperty("ks").EnumerateArray(), row =>
        {
            var test = KolmogorovSmirnov.Of(row.GetProperty("a").Doubles(), row.GetProperty("b").Doubles());

            Close.To(row.GetProperty("d").GetDouble(), test.Distance);
            Close.To(row.GetProperty("p").GetDouble(), test.PValue);
            Assert.Equal("exact", test.Method);
        });

    [Fact]
    public void KolmogorovSmirnov_OfLargeSamples_IsKolmogorovsLimit() =>
        Assert.All(Golden.GetProperty("large").EnumerateArray(), row =>
        {
            int n = row.GetProperty("n").GetInt32(), m = row.GetProperty("m").GetInt32();
            var power = row.GetProperty("power").GetDouble();

            var test = KolmogorovSmirnov.Of(
                [.. Enumerable.Range(0, n).Select(i => (i + 0.5) / n)],
                [.. Enumerable.Range(0, m).Select(i => Math.Pow((i + 0.5) / m, power))]);

            Close.To(row.GetProperty("d").GetDouble(), test.Distance);
            Close.To(row.GetProperty("p").GetDouble(), test.PValue);
            Assert.Equal("asymptotic", test.Method);
        });

    [Fact]
    public void KolmogorovSmirnov_OfNothingOrNoNumber_SaysWhyOrRefuses()
    {
        Assert.Equal(new(null, null, "a sample is empty"), KolmogorovSmirnov.Of([], [1]));
        Assert.Throws<ArgumentException>(() => KolmogorovSmirnov.Of([1, double.NaN], [1]));
    }

    [Fact]
    public void StabilityIndex_OfAnyBins_IsItsFormula() =>
        Assert.All(Golden.GetProperty("psi").EnumerateArray(), row =>
        {
            var index = StabilityIndex.Of(row.GetProperty("reference").Ints(), row.GetProperty("current").Ints());

            Close.To(row.GetProperty("value").GetDouble(), index.Value);
            Close.To(row.GetProperty("noise").GetDouble(), index.NoiseLimit);
        });

    [Fact]
    public void StabilityIndex_OfNothingOrOtherBins_SaysWhyOrRefuses()
    {
        Assert.Equal(new(null, null, "no current cases"), StabilityIndex.Of([1, 2], [0, 0]));
        Assert.Equal(new(null, null, "no reference cases"), StabilityIndex.Of([0, 0], [1, 2]));
        Assert.Throws<ArgumentException>(() => StabilityIndex.Of([1, 2], [1, 2, 3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => StabilityIndex.Of([1, -2], [1, 2]));
    }

    [Fact]
    public void Edges_OfValues_AreNumpysQuantilesAndCountAsItsDigitize()
    {
        var quantiles = Golden.GetProperty("quantiles");
        var values = quantiles.GetProperty("values").Doubles();

        var edges = StabilityIndex.Edges(values);

        Assert.Equal(9, edges.Length);
        Assert.All(quantiles.GetProperty("edges").Doubles().Zip(edges), pair => Close.To(pair.First, pair.Second));
        Assert.Equal(101, StabilityIndex.Count(values, edges).Sum());
        Assert.Equal(quantiles.GetProperty("counts").Ints(), StabilityIndex.Count(values, quantiles.GetProperty("edges").Doubles()));
        Assert.Equal([0.5], StabilityIndex.Edges([0.5, 0.5, 0.5]));
        Assert.Empty(StabilityIndex.Edges([]));
        Assert.Equal([1, 2], StabilityIndex.Count([0.4, 0.5, 0.6], [0.5]));
    }

    [Fact]
    public void ProportionChart_OfPeriods_HasShewhartsLimits()
    {
        var golden = Golden.GetProperty("chart");
        var periods = golden.GetProperty("periods").EnumerateArray().Select(p => (p[0].GetInt32(), p[1].GetInt32())).ToList();

        var chart = ProportionChart.Of(periods, golden.GetProperty("baseline").GetInt32());

        Close.To(golden.GetProperty("centre").GetDouble(), chart.Centre);
        Assert.All(golden.GetProperty("points").EnumerateArray().Zip(chart.Points), pair =>
        {
            Close.To(pair.First[0].Optional(), pair.Second.Lower);
            Close.To(pair.First[1].Optional(), pair.Second.Upper);
            Assert.Equal(pair.First[2].GetBoolean(), pair.Second.Outside);
        });
    }

    [Fact]
    public void ProportionChart_WithoutCases_HasNoLimits()
    {
        var chart = ProportionChart.Of([(0, 0)]);

        Assert.Null(chart.Centre);
        Assert.Equal(new ControlPoint(Estimate.Undefined(0, "no cases"), null, null, ChartSignals.None), chart.Points[0]);
        Assert.Empty(ProportionChart.Of([]).Points);
        Assert.Throws<ArgumentOutOfRangeException>(() => ProportionChart.Of([(1, 2)], 2));
    }

    [Fact]
    public void ProportionChart_OfAProcessThatMoves_SignalsAsWesternElectricsRules()
    {
        var golden = Golden.GetProperty("rules");

        var chart = ProportionChart.Of([.. golden.GetProperty("periods").EnumerateArray().Select(p => (p[0].GetInt32(), p[1].GetInt32()))]);

        Close.To(golden.GetProperty("centre").GetDouble(), chart.Centre);
        Assert.Equal(golden.GetProperty("signals").Ints(), chart.Points.Select(p => (int)p.Signals));
    }

    [Fact]
    public void ProportionChart_OfPeriodsThatAllAgree_SignalsNothingAndThenTheOneThatDoesNot()
    {
        Assert.All(ProportionChart.Of([.. Enumerable.Repeat((20, 20), 12)]).Points, p => Assert.Equal(ChartSignals.None, p.Signals));
        // Without variance in the baseline any other value is beyond every line.
        Assert.True(ProportionChart.Of([(20, 20), (20, 20), (19, 20)], 2).Points[2].Outside);
        Assert.True(ProportionChart.Of([(0, 20), (0, 20), (1, 20)], 2).Points[2].Outside);
    }

    [Fact]
    public void Histogram_OfValues_IsNumpysOfTheClippedOnes()
    {
        var golden = Golden.GetProperty("histogram");
        var values = golden.GetProperty("values").Doubles();

        var histogram = Histogram.Of(values, 0, 1, 20);

        Assert.Equal(golden.GetProperty("counts").Ints(), histogram.Counts);
        Assert.Equal(300, histogram.Cases);
        Assert.Equal(histogram.Counts, Histogram.Of(histogram.Values(), 0, 1, 20).Counts);
        Assert.Equal(histogram.Values(), values.Select(histogram.Rounded).Order());
    }

    [Fact]
    public void Histogram_OfNothingOneValueOrNoNumber_CountsOrRefuses()
    {
        Assert.Empty(Histogram.Of([], 0, 1, 4).Values());
        Assert.Equal([0.875], Histogram.Of([1], 0, 1, 4).Values());
        Assert.Equal([1, 0, 0, 1], Histogram.Of([double.NegativeInfinity, double.PositiveInfinity], 0, 1, 4).Counts);
        Assert.Throws<ArgumentException>(() => Histogram.Of([double.NaN], 0, 1, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => Histogram.Of([1], 1, 1, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => Histogram.Of([1], 0, 1, 0));
    }
}

using CovidCxr.Statistics.Discrimination;
using CovidCxr.Testing;

namespace CovidCxr.Statistics.Tests.Discrimination;

public class TemperatureTests
{
    // Log odds of 3 and 9 to 1 that come true as often as they say, stretched by a factor.
    static (List<double[]> Logits, List<int> Truth) Draw(double factor)
    {
        var (logits, truth) = (new List<double[]>(), new List<int>());
        foreach (var (of, odds) in new[] { (4, 3.0), (10, 9.0) })
        {
            for (var i = 0; i < of; i++)
            {
                logits.Add([factor * Math.Log(odds), 0]);
                truth.Add(i == 0 ? 1 : 0);
            }
        }

        return (logits, truth);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2.5)]
    [InlineData(0.4)]
    public void Fit_OfLogitsThatAreStretched_IsTheFactor(double factor)
    {
        var (logits, truth) = Draw(factor);
        Assert.Equal(factor, Temperature.Fit(logits, truth), 1e-9);
        // What is added to all logits of a case changes no probability.
        Assert.Equal(factor, Temperature.Fit([.. logits.Select((r, i) => (double[])[r[0] + i, r[1] + i])], truth), 1e-9);
    }

    [Fact]
    public void Fit_OfSeveralClasses_IsWhatScipyFinds() =>
        Assert.All(GoldenFile.Read("temperature.json").GetProperty("cases").EnumerateArray(), row =>
        {
            double[][] logits = [.. row.GetProperty("logits").EnumerateArray().Select(r => r.Doubles())];
            Assert.Equal(
                row.GetProperty("temperature").GetDouble(), Temperature.Fit(logits, [.. row.GetProperty("truth").Ints()]), 1e-5);
        });

    [Fact]
    public void Fit_OfWhatIsAlwaysRightOrNoBetterThanChance_StaysFinite()
    {
        Assert.Equal(0.05, Temperature.Fit([[1, 0], [0, 1]], [0, 1]), 1e-6);
        Assert.Equal(20, Temperature.Fit([[1, 0], [1, 0]], [0, 1]), 1e-6);
        Assert.Throws<ArgumentException>(() => Temperature.Fit([], []));
    }
}

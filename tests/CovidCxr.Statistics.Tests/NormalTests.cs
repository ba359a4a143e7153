using System.Text.Json;
using CovidCxr.Testing;

namespace CovidCxr.Statistics.Tests;

public class NormalTests
{
    static readonly JsonElement Golden = GoldenFile.Read("bootstrap.json");

    [Fact]
    public void Cumulative_OfAnyZ_IsScipys() =>
        Assert.All(Golden.GetProperty("normal").EnumerateArray(), row =>
        {
            var expected = row.GetProperty("p").GetDouble();
            // Relative, because a p value in the tail is small.
            Assert.Equal(1, Normal.Cumulative(row.GetProperty("z").GetDouble()) / expected, 1e-12);
        });

    [Fact]
    public void Quantile_OfAnyProbability_IsScipys() =>
        Assert.All(Golden.GetProperty("quantile").EnumerateArray(), row => Close.To(row.GetProperty("z").GetDouble(), Normal.Quantile(row.GetProperty("p").GetDouble())));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void Quantile_OutsideTheOpenInterval_IsRefused(double probability) => Assert.Throws<ArgumentOutOfRangeException>(() => Normal.Quantile(probability));
}

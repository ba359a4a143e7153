using CovidCxr.Statistics.Resampling;
using CovidCxr.Testing;

namespace CovidCxr.Statistics.Tests.Resampling;

public class ResampledValuesTests
{
    static readonly System.Text.Json.JsonElement Golden = GoldenFile.Read("bootstrap.json").GetProperty("scipy");

    [Fact]
    public void Percentile_OfScipysDistribution_IsNumpys()
    {
        var (lower, upper) = ResampledValues.Percentile(Golden.GetProperty("sorted").Doubles());

        Close.To(Golden.GetProperty("percentile")[0].GetDouble(), lower);
        Close.To(Golden.GetProperty("percentile")[1].GetDouble(), upper);
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 9)]
    [InlineData(0.375, 4.5)]
    public void Quantile_Lies_BetweenOrderStatistics(double probability, double expected) =>
        Assert.Equal(expected, ResampledValues.Quantile([3, 5, 9], probability));

    [Fact]
    public void Quantile_OfNothing_IsRefused() => Assert.Throws<ArgumentException>(() => ResampledValues.Quantile([], 0.5));
}

using CovidCxr.Web.Shared;

namespace CovidCxr.Web.Tests;

public sealed class WordingTests
{
    [Theory]
    [InlineData(0, "0 studies")]
    [InlineData(1, "1 study")]
    [InlineData(2000, "2,000 studies")]
    public void Of_ANumber_IsOneOrMany(int count, string words) => Assert.Equal(words, count.Of("study", "studies"));

    [Fact]
    public void Of_ARegularWord_TakesAnS() => Assert.Equal(["1 reading", "2 readings"], [1.Of("reading"), 2.Of("reading")]);

    [Theory]
    [InlineData(0, "< 0.001")]
    [InlineData(0.00099, "< 0.001")]
    [InlineData(0.001, "0.001")]
    [InlineData(1, "1.000")]
    public void P_OfAnyProbability_IsNeverZero(double p, string words) => Assert.Equal(words, p.P());
}

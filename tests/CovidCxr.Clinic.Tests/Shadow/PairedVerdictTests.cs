using CovidCxr.Clinic.Shadow;
using CovidCxr.Statistics;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Clinic.Tests.Shadow;

public class PairedVerdictTests
{
    const double Margin = 0.05;

    [Theory]
    [InlineData(0.10, 0.02, 0.18, VerdictKind.Better, 0)]
    [InlineData(0.00, -0.04, 0.04, VerdictKind.NotWorse, 0)]
    [InlineData(-0.02, -0.04, -0.01, VerdictKind.NotWorse, 0)]
    [InlineData(-0.20, -0.30, -0.10, VerdictKind.Worse, 0)]
    // A half width of 0.10 where 0.05 would do: four times as many cases.
    [InlineData(0.00, -0.10, 0.10, VerdictKind.NotEnough, 300)]
    // The lower end needs 0.06, the upper one 0.01: whichever comes first.
    [InlineData(0.01, -0.05, 0.07, VerdictKind.NotEnough, 0)]
    [InlineData(-0.04, -0.12, 0.04, VerdictKind.NotEnough, 300)]
    public void Of_AnInterval_IsItsPlaceBesideTheMargin(double value, double lower, double upper, VerdictKind kind, int more) =>
        Assert.Equal(new(kind, more), PairedVerdict.Of(new(value, lower, upper, 100, "bootstrap"), Margin));

    [Theory]
    [InlineData(20, VerdictKind.NotEnough, 40)]
    [InlineData(100, VerdictKind.NotWorse, 0)]
    public void Of_NoCaseCalledDifferently_GoesByTheRuleOfThree(int cases, VerdictKind kind, int more) =>
        Assert.Equal(new(kind, more), PairedVerdict.Of(new(0, null, null, cases, ClusteredBootstrap.AllAgree), Margin));

    [Fact]
    public void Of_TooFewPatients_SaysNothingOfHowManyMore() =>
        Assert.Equal(new(VerdictKind.NotEnough, null), PairedVerdict.Of(Estimate.Undefined(3, "too few"), Margin));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(99, 99)]
    [InlineData(132, 140)]
    [InlineData(12_345, 13_000)]
    public void About_RoundsUpToTwoDigits(int cases, int about) => Assert.Equal(about, PairedVerdict.About(cases));
}

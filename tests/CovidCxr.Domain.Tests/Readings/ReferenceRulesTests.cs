using CovidCxr.Domain.Readings;

namespace CovidCxr.Domain.Tests.Readings;

public class ReferenceRulesTests
{
    const ReferenceResult Yes = ReferenceResult.Positive, No = ReferenceResult.Negative, Open = ReferenceResult.Indeterminate;

    [Theory]
    [InlineData(ReferencePolicy.AnyAgreeing, null, null, null, ReferenceState.Missing)]
    [InlineData(ReferencePolicy.AnyAgreeing, Yes, null, Yes, ReferenceState.Positive)]
    [InlineData(ReferencePolicy.AnyAgreeing, Open, No, null, ReferenceState.Negative)]
    [InlineData(ReferencePolicy.AnyAgreeing, Open, null, null, ReferenceState.Indeterminate)]
    [InlineData(ReferencePolicy.AnyAgreeing, Yes, Open, No, ReferenceState.Contradictory)]
    [InlineData(ReferencePolicy.RtPcr, Yes, No, No, ReferenceState.Positive)]
    [InlineData(ReferencePolicy.Consensus, Yes, No, Yes, ReferenceState.Negative)]
    [InlineData(ReferencePolicy.FollowUp, Yes, Yes, null, ReferenceState.Missing)]
    public void Settle_OfThreeSources_TakesThoseThatCount(
        ReferencePolicy policy, ReferenceResult? rtPcr, ReferenceResult? consensus, ReferenceResult? followUp, ReferenceState expected) =>
        Assert.Equal(expected, ReferenceRules.Settle(policy, rtPcr, consensus, followUp));

    [Fact]
    public void SettleAll_OfWhatWasFound_CountsEverySource()
    {
        Assert.Equal(ReferenceState.Missing, ReferenceRules.SettleAll([]));
        Assert.Equal(ReferenceState.Positive, ReferenceRules.SettleAll([(ReferenceSource.FollowUp, Yes), (ReferenceSource.RtPcr, Open)]));
        Assert.Equal(
            ReferenceState.Contradictory, ReferenceRules.SettleAll([(ReferenceSource.Consensus, No), (ReferenceSource.RtPcr, Yes)]));
    }

    [Fact]
    public void Refusal_OfTodayAndTomorrow_AllowsTodayAlone()
    {
        var today = new DateOnly(2026, 3, 2);

        Assert.Null(ReferenceRules.Refusal(today, today));
        Assert.NotNull(ReferenceRules.Refusal(today.AddDays(1), today));
        Assert.NotNull(ReferenceRules.Refusal(new(2018, 12, 31), today));
    }
}

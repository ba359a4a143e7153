using CovidCxr.Domain.Readings;

namespace CovidCxr.Domain.Tests.Readings;

public sealed class ReadingPolicyChangeTests
{
    static readonly DateOnly First = new(2026, 1, 1);

    static ReadingPolicyChange Change(ReadingPolicy policy, int seed = 1) => new() { Policy = policy, Seed = seed, ChangedByName = "lead" };

    static List<ReadingPolicy> Days(int seed) =>
        [.. Enumerable.Range(0, 2000).Select(d => Change(ReadingPolicy.RandomisedByDay, seed).On(First.AddDays(d)))];

    [Theory]
    [InlineData(ReadingPolicy.BlindedFirst)]
    [InlineData(ReadingPolicy.Concurrent)]
    public void On_AFixedPolicy_IsItself(ReadingPolicy policy) =>
        Assert.All(Enumerable.Range(0, 100), d => Assert.Equal(policy, Change(policy).On(First.AddDays(d))));

    [Fact]
    public void On_RandomisedDays_IsEitherInHalfOfThemAndFollowsTheSeed()
    {
        Assert.All(Days(7), p => Assert.True(p is ReadingPolicy.BlindedFirst or ReadingPolicy.Concurrent));
        // Within four standard errors of a half.
        Assert.InRange(Days(7).Count(p => p == ReadingPolicy.Concurrent), 1000 - 90, 1000 + 90);
        Assert.Equal(Days(7), Days(7));
        Assert.InRange(Days(7).Zip(Days(8)).Count(p => p.First == p.Second), 1000 - 90, 1000 + 90);
        Assert.InRange(Days(7).Zip(Days(7).Skip(1)).Count(p => p.First == p.Second), 1000 - 90, 1000 + 90);
    }

    [Theory]
    [InlineData(Opinion.Covid19, Opinion.Covid19, ReferenceResult.Positive)]
    [InlineData(Opinion.Normal, Opinion.OtherPneumonia, ReferenceResult.Negative)]
    [InlineData(Opinion.Covid19, Opinion.Normal, null)]
    [InlineData(Opinion.Covid19, Opinion.Indeterminate, null)]
    [InlineData(Opinion.Covid19, null, null)]
    public void Consensus_IsWhatBothSay(Opinion first, Opinion? second, ReferenceResult? expected)
    {
        Assert.Equal(expected, ConsensusRules.Of([first, second]));
        Assert.Null(ConsensusRules.Of([first]));
    }
}

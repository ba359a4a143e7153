using CovidCxr.Learning.Data;

namespace CovidCxr.Learning.Tests.Data;

public class EpochPlanTests
{
    static readonly int[] Labels = [0, 0, 0, 0, 0, 0, 0, 1, 1, 1];

    [Theory]
    [InlineData(Balance.None, 7, 3)]
    [InlineData(Balance.Weighted, 7, 3)]
    [InlineData(Balance.Oversample, 7, 7)]
    [InlineData(Balance.Undersample, 3, 3)]
    public void Order_OfAnImbalancedSet_HasTheBalanceAskedFor(Balance balance, int first, int second)
    {
        var order = EpochPlan.Order(Labels, balance, seed: 1, epoch: 0);
        Assert.Equal((first, second), (order.Count(i => Labels[i] == 0), order.Count(i => Labels[i] == 1)));
        Assert.Equal(balance == Balance.Undersample ? 6 : 10, order.Distinct().Count());
    }

    [Fact]
    public void Order_IsAFunctionOfSeedAndEpoch()
    {
        Assert.Equal(EpochPlan.Order(Labels, Balance.None, 1, 4), EpochPlan.Order(Labels, Balance.None, 1, 4));
        Assert.NotEqual(EpochPlan.Order(Labels, Balance.None, 1, 4), EpochPlan.Order(Labels, Balance.None, 1, 5));
        Assert.NotEqual(EpochPlan.Order(Labels, Balance.None, 1, 4), EpochPlan.Order(Labels, Balance.None, 2, 4));
    }

    [Fact]
    public void Undersample_OverEpochs_SeesEveryImageOfTheMajority() =>
        Assert.Equal(
            10, Enumerable.Range(0, 30).SelectMany(epoch => EpochPlan.Order(Labels, Balance.Undersample, 1, epoch)).Distinct().Count());
}

using CovidCxr.Learning.Data;

namespace CovidCxr.Learning.Tests.Data;

public class EpochPlanTests
{
    static readonly int[] Labels = [0, 0, 0, 0, 0, 0, 0, 1, 1, 1];
    static readonly string[] Sources = [.. Labels.Select(_ => "films")];

    [Theory]
    [InlineData(Balance.None, 7, 3)]
    [InlineData(Balance.Weighted, 7, 3)]
    [InlineData(Balance.Oversample, 7, 7)]
    [InlineData(Balance.Undersample, 3, 3)]
    public void Order_OfAnImbalancedSet_HasTheBalanceAskedFor(Balance balance, int first, int second)
    {
        var order = EpochPlan.Order(Labels, Sources, balance, seed: 1, epoch: 0);
        Assert.Equal((first, second), (order.Count(i => Labels[i] == 0), order.Count(i => Labels[i] == 1)));
        Assert.Equal(balance == Balance.Undersample ? 6 : 10, order.Distinct().Count());
    }

    [Theory]
    [InlineData(32, 16, 2)]
    [InlineData(33, 16, 2)]
    [InlineData(34, 16, 2)]
    [InlineData(39, 16, 2)]
    [InlineData(40, 16, 3)]
    [InlineData(47, 16, 3)]
    [InlineData(3, 2, 1)]
    [InlineData(7, 4, 2)]
    [InlineData(6, 4, 2)]
    [InlineData(5, 4, 1)]
    [InlineData(3, 16, 1)]
    [InlineData(1, 16, 0)]
    public void Steps_OverWhatIsLeftOfABatch_AreOnlyWhereItIsHalfOfOne(int images, int batchSize, int expected) =>
        Assert.Equal(expected, EpochPlan.Steps(images, batchSize));

    [Fact]
    public void Order_IsAFunctionOfSeedAndEpoch()
    {
        Assert.Equal(EpochPlan.Order(Labels, Sources, Balance.None, 1, 4), EpochPlan.Order(Labels, Sources, Balance.None, 1, 4));
        Assert.NotEqual(EpochPlan.Order(Labels, Sources, Balance.None, 1, 4), EpochPlan.Order(Labels, Sources, Balance.None, 1, 5));
        Assert.NotEqual(EpochPlan.Order(Labels, Sources, Balance.None, 1, 4), EpochPlan.Order(Labels, Sources, Balance.None, 2, 4));
    }

    [Fact]
    public void Undersample_OverEpochs_SeesEveryImageOfTheMajority() =>
        Assert.Equal(
            10, Enumerable.Range(0, 30).SelectMany(epoch => EpochPlan.Order(Labels, Sources, Balance.Undersample, 1, epoch))
                .Distinct().Count());

    [Fact]
    public void ClassAndSource_SourcesOfUnlikeSize_ComeAlikeOften()
    {
        // Of class 0 a large and a middling source, of class 1 the large one and one of 5 images.
        var labels = new int[600].Select((_, i) => i < 400 ? 0 : 1).ToArray();
        var sources = labels.Select((_, i) => i is < 300 or >= 405 ? "large" : i < 400 ? "middling" : "small").ToArray();
        var order = EpochPlan.Order(labels, sources, Balance.ClassAndSource, seed: 1, epoch: 0);
        int Count(int label, string source) => order.Count(i => labels[i] == label && sources[i] == source);

        Assert.Equal(600, order.Length);
        Assert.Equal((150, 150), (Count(0, "large"), Count(0, "middling")));
        // Five images, six times each; the large source gives the rest.
        Assert.Equal((270, 30), (Count(1, "large"), Count(1, "small")));
        Assert.True(order.GroupBy(i => i).Max(g => g.Count()) <= 6);
    }

    [Fact]
    public void ClassAndSource_OverEpochs_SeesEveryImage()
    {
        var labels = new int[60].Select((_, i) => i < 50 ? 0 : 1).ToArray();
        var sources = labels.Select((_, i) => i < 40 ? "large" : "small").ToArray();

        Assert.Equal(60, Enumerable.Range(0, 20).SelectMany(e => EpochPlan.Order(labels, sources, Balance.ClassAndSource, 1, e)).Distinct()
            .Count());
    }
}

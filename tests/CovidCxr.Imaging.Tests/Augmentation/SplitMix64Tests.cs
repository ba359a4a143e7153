using CovidCxr.Imaging.Augmentation;

namespace CovidCxr.Imaging.Tests.Augmentation;

public class SplitMix64Tests
{
    [Fact]
    public void Next_FromStateZero_IsThePublishedSequence()
    {
        // Source: Vigna's splitmix64.c with seed 0.
        var random = new SplitMix64();

        Assert.Equal([0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F], new[] { random.Next(), random.Next(), random.Next() });
    }

    [Fact]
    public void Key_InOtherOrderOrLength_IsAnotherStream()
    {
        ulong[] firsts = [
            new SplitMix64(1, 2).Next(), new SplitMix64(2, 1).Next(), new SplitMix64(1).Next(), new SplitMix64(1, 2, 0).Next(),
            new SplitMix64(-1, 2).Next()];

        Assert.Equal(firsts.Length, firsts.Distinct().Count());
        Assert.Equal(firsts[0], new SplitMix64(1, 2).Next());
    }

    [Fact]
    public void Streams_OfNeighbouringKeys_AreUniformTogether()
    {
        // The first draw of sample 0, 1, 2 ... is what training sees. Chi-square with 9 degrees of freedom: 27.9 has p = 0.001.
        var counts = new int[10];
        for (var sample = 0; sample < 10_000; sample++)
        {
            counts[new SplitMix64(7, 3, sample).Below(10)]++;
        }

        Assert.True(counts.Sum(c => Math.Pow(c - 1000, 2) / 1000) < 27.9, string.Join(' ', counts));
    }

    [Fact]
    public void Normal_ManyDraws_HasMeanZeroAndVarianceOne()
    {
        var random = new SplitMix64(11);
        var draws = Enumerable.Range(0, 20_000).Select(_ => random.Normal()).ToArray();

        Assert.All(draws, d => Assert.True(double.IsFinite(d)));
        Assert.InRange(draws.Average(), -0.03, 0.03);
        Assert.InRange(draws.Average(d => d * d), 0.95, 1.05);
    }

    [Fact]
    public void Shuffle_ThreeItems_GivesEachOrderEquallyOften()
    {
        var random = new SplitMix64(5);
        var orders = Enumerable.Range(0, 6000).Select(_ =>
        {
            char[] items = ['a', 'b', 'c'];
            random.Shuffle<char>(items);
            return new string(items);
        }).CountBy(o => o).ToDictionary();

        Assert.Equal(6, orders.Count);
        Assert.All(orders.Values, count => Assert.InRange(count, 880, 1120));
    }

    [Fact]
    public void Between_ManyDraws_StaysInsideAndReachesBothEnds()
    {
        var random = new SplitMix64(6);
        var draws = Enumerable.Range(0, 5000).Select(_ => random.Between(-2, 3)).ToArray();

        Assert.All(draws, d => Assert.True(d is >= -2 and < 3));
        Assert.True(draws.Min() < -1.98 && draws.Max() > 2.98);
    }
}

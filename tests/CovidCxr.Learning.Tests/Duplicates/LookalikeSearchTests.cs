using CovidCxr.Imaging.Augmentation;
using CovidCxr.Learning.Duplicates;

namespace CovidCxr.Learning.Tests.Duplicates;

public class LookalikeSearchTests
{
    [Fact]
    public void Among_TwentyThousandHashes_FindsEveryPlantedPairWithoutComparingAll()
    {
        var random = new SplitMix64(1, 0x5EA2C4);
        var hashes = Enumerable.Range(0, 20_000)
            .Select(_ => new PerceptualHash(random.Next(), random.Next(), random.Next(), random.Next())).ToArray();
        // Each of the last thousand becomes one of the first, but for up to 20 bits anywhere.
        for (var i = 0; i < 1000; i++)
        {
            hashes[19_000 + i] = Flipped(hashes[i], i % 21, random);
        }

        var search = LookalikeSearch.Among(hashes);

        Assert.Equal(
            Enumerable.Range(0, 1000).Select(i => new Lookalikes(i, 19_000 + i, i % 21)).OrderBy(p => p.Distance).ThenBy(p => p.First),
            search.Found);
        Assert.InRange(search.Compared, 1, 20_000L * 20_000 / 2 / 100);
    }

    [Fact]
    public void Among_TwentyOneBitsApart_FindsNothing()
    {
        var hash = new PerceptualHash(1, 2, 3, 4);

        Assert.Empty(LookalikeSearch.Among([hash, Flipped(hash, 21, new(5))]).Found);
    }

    [Fact]
    public void Among_PicturesOfOneGrey_FindsNothing() => Assert.Empty(LookalikeSearch.Among([default, default]).Found);

    static PerceptualHash Flipped(PerceptualHash hash, int bits, SplitMix64 random)
    {
        var places = Enumerable.Range(0, 256).ToArray();
        random.Shuffle<int>(places);
        Span<ulong> words = [hash.A, hash.B, hash.C, hash.D];
        foreach (var place in places[..bits])
        {
            words[place / 64] ^= 1UL << (place % 64);
        }

        return new(words[0], words[1], words[2], words[3]);
    }
}

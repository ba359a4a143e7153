namespace CovidCxr.Learning.Duplicates;

/// <param name="First">The lower index.</param>
/// <param name="Distance">Differing bits of the two hashes.</param>
readonly record struct Lookalikes(int First, int Other, int Distance);

/// <summary>
/// Finds all pairs of near-equal hashes without comparing every pair: multi-index hashing (Norouzi, Punjani and Fleet, CVPR 2012). The 256
/// bits are dealt to 21 bands, so that 20 differing bits leave at least one band equal, and only hashes with an equal band are compared:
/// 0.5% of the pairs of random hashes, a quarter of the pairs of chest films, whose hashes have much in common.
/// </summary>
/// <param name="Found">Each pair once, the nearest first.</param>
/// <param name="Compared">How many pairs were compared for it.</param>
sealed record LookalikeSearch(IReadOnlyList<Lookalikes> Found, long Compared)
{
    const int Bands = PerceptualHash.DuplicateDistance + 1;

    public static LookalikeSearch Among(IReadOnlyList<PerceptualHash> hashes)
    {
        var bands = hashes.Select(Dealt).ToArray();
        // A picture of one grey has this hash, and is nobody's look-alike.
        var seen = Enumerable.Range(0, hashes.Count).Where(i => hashes[i] != default).ToArray();
        var found = new List<Lookalikes>();
        long compared = 0;
        for (var band = 0; band < Bands; band++)
        {
            foreach (var bucket in seen.GroupBy(i => bands[i][band]).Select(g => g.ToArray()))
            {
                compared += (long)bucket.Length * (bucket.Length - 1) / 2;
                for (var i = 1; i < bucket.Length; i++)
                {
                    for (var j = 0; j < i; j++)
                    {
                        var distance = hashes[bucket[i]].DistanceTo(hashes[bucket[j]]);
                        if (distance <= PerceptualHash.DuplicateDistance && FirstEqual(bands[bucket[i]], bands[bucket[j]]) == band)
                        {
                            found.Add(new(bucket[j], bucket[i], distance));
                        }
                    }
                }
            }
        }

        return new([.. found.OrderBy(p => p.Distance).ThenBy(p => p.First).ThenBy(p => p.Other)], compared);
    }

    // Bit i goes to band i % 21: neighbouring cells of a film are alike, and a band of neighbours would be equal in too many films.
    static ushort[] Dealt(PerceptualHash hash)
    {
        var bands = new ushort[Bands];
        ReadOnlySpan<ulong> words = [hash.A, hash.B, hash.C, hash.D];
        for (var i = 0; i < 256; i++)
        {
            bands[i % Bands] = (ushort)((bands[i % Bands] << 1) | (int)((words[i / 64] >> (i % 64)) & 1));
        }

        return bands;
    }

    // A pair stands in as many buckets as it has equal bands.
    static int FirstEqual(ushort[] one, ushort[] other)
    {
        var band = 0;
        while (one[band] != other[band])
        {
            band++;
        }

        return band;
    }
}

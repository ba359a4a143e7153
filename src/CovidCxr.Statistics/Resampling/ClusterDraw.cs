namespace CovidCxr.Statistics.Resampling;

/// <summary>
/// Draws clusters with replacement. Each resample has a stream of its own, a function of seed and number alone, so that threads may take
/// them in any order.
/// </summary>
struct ClusterDraw
{
    const ulong Golden = 0x9E3779B97F4A7C15;
    ulong _state;

    public ClusterDraw(ulong seed, int resample) => _state = Mix(Mix(seed + Golden) + ((ulong)resample * Golden));

    /// <summary>Fills weights with how often each of its clusters comes up in weights.Length draws.</summary>
    public void Fill(Span<int> weights)
    {
        weights.Clear();
        var count = (uint)weights.Length;
        var rejected = (uint)((1UL << 32) % count);
        var drawn = 0u;
        while (drawn < count)
        {
            var bits = Next();
            drawn += Take((uint)bits, weights, rejected);
            if (drawn < count)
            {
                drawn += Take((uint)(bits >> 32), weights, rejected);
            }
        }
    }

    // Lemire (2019): the high half of bits * count is uniform once the few low halves that would bias it are refused.
    static uint Take(uint bits, Span<int> weights, uint rejected)
    {
        var product = (ulong)bits * (uint)weights.Length;
        if ((uint)product < rejected)
        {
            return 0;
        }

        weights[(int)(product >> 32)]++;
        return 1;
    }

    // SplitMix64 (Steele, Lea and Flood 2014): any state is a good seed.
    ulong Next() => Mix(_state += Golden);

    static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

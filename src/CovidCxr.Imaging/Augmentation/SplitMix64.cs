namespace CovidCxr.Imaging.Augmentation;

/// <summary>
/// A small seeded generator (Steele, Lea and Flood 2014): the same numbers on every machine and runtime, and any tuple of
/// integers makes an independent stream, so that what is drawn depends on seed, epoch and sample and not on who drew before.
/// </summary>
public sealed class SplitMix64
{
    ulong _state;

    public SplitMix64(params ReadOnlySpan<long> key)
    {
        foreach (var part in key)
        {
            _state = Mix(_state + (ulong)part + 0x9E3779B97F4A7C15);
        }
    }

    public ulong Next() => Mix(_state += 0x9E3779B97F4A7C15);

    /// <summary>Uniform in [0, 1).</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high).</summary>
    public double Between(double low, double high) => low + ((high - low) * NextDouble());

    /// <summary>Uniform in 0 .. count - 1; the bias of the modulus is below 2^-32 for counts below 2^32.</summary>
    public int Below(int count) => (int)(Next() % (uint)count);

    /// <summary>Standard normal, by Box and Muller.</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    /// <summary>Fisher and Yates, in place.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

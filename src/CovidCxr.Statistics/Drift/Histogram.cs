namespace CovidCxr.Statistics.Drift;

/// <summary>
/// Cases in bins of equal width: what is kept of a distribution whose values are not. A value below or above the range counts in the first
/// or the last bin.
/// </summary>
/// <param name="Low">Where the first bin begins.</param>
/// <param name="High">Where the last bin ends; above Low.</param>
/// <param name="Counts">By bin, none negative.</param>
public sealed record Histogram(double Low, double High, IReadOnlyList<int> Counts)
{
    public int Cases => Counts.Sum();

    /// <param name="values">Without NaN.</param>
    /// <param name="bins">At least 1.</param>
    /// <exception cref="ArgumentException">A value is NaN, the range is empty, or there is no bin.</exception>
    public static Histogram Of(ReadOnlySpan<double> values, double low, double high, int bins)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(high, low);
        var counts = new int[bins];
        foreach (var value in values)
        {
            counts[BinOf(value, low, high, bins)]++;
        }

        return new(low, high, counts);
    }

    /// <summary>The middle of the bin that a value falls into: comparable with <see cref="Values"/>.</summary>
    /// <exception cref="ArgumentException">The value is NaN.</exception>
    public double Rounded(double value) => Middle(BinOf(value, Low, High, Counts.Count));

    /// <summary>Every case at the middle of its bin, ascending.</summary>
    public double[] Values() => [.. Counts.SelectMany((count, bin) => Enumerable.Repeat(Middle(bin), count))];

    /// <summary>The bin that a value falls into, 0 .. bins - 1.</summary>
    /// <exception cref="ArgumentException">The value is NaN.</exception>
    public static int BinOf(double value, double low, double high, int bins) => double.IsNaN(value)
        ? throw new ArgumentException("A value is NaN.", nameof(value))
        : (int)Math.Clamp((value - low) / (high - low) * bins, 0, bins - 1);

    double Middle(int bin) => Low + ((bin + 0.5) * (High - Low) / Counts.Count);
}

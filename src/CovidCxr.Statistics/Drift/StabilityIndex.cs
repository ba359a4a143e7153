namespace CovidCxr.Statistics.Drift;

/// <summary>
/// The population stability index of a binned quantity: sum over bins of (q - p) ln(q / p), p the reference's shares and q the current
/// ones; the symmetric Kullback-Leibler divergence. 0 is no change; from 0.1 on a shift is usually called small, from 0.25 on large
/// (Siddiqi 2006), if it is above the noise.
/// </summary>
/// <param name="Value">0 or more; null where either side has no cases.</param>
/// <param name="NoiseLimit">
/// What chance alone exceeds in 5% of comparisons, (1/n + 1/m) times the 95th percentile of chi-squared with bins - 1 degrees of freedom
/// (Yurdakul 2018).
/// </param>
/// <param name="Method">What it was made from, or why there is no value.</param>
public sealed record StabilityIndex(double? Value, double? NoiseLimit, string Method)
{
    /// <summary>An empty bin counts as this share, because its logarithm would be infinite.</summary>
    public const double SmallestShare = 1e-4;

    /// <param name="reference">Cases by bin, none negative, at least two bins.</param>
    /// <param name="current">Cases by the same bins.</param>
    /// <exception cref="ArgumentException">The bins differ in number, or there are fewer than two.</exception>
    public static StabilityIndex Of(ReadOnlySpan<int> reference, ReadOnlySpan<int> current)
    {
        if (reference.Length != current.Length || reference.Length < 2)
        {
            throw new ArgumentException("Both sides need the same bins, at least two.", nameof(current));
        }

        double n = Sum(reference), m = Sum(current), sum = 0;
        if (n == 0 || m == 0)
        {
            return new(null, null, n == 0 ? "no reference cases" : "no current cases");
        }

        for (var bin = 0; bin < reference.Length; bin++)
        {
            var p = Math.Max(reference[bin] / n, SmallestShare);
            var q = Math.Max(current[bin] / m, SmallestShare);
            sum += (q - p) * Math.Log(q / p);
        }

        return new(
            sum, ((1 / n) + (1 / m)) * SpecialFunctions.ChiSquaredQuantile(0.95, reference.Length - 1),
            $"{reference.Length} bins, {n} and {m} cases");
    }

    /// <summary>Edges between bins that hold equally many reference values each; fewer where values are tied.</summary>
    /// <param name="reference">Finite values.</param>
    /// <param name="bins">At least 2.</param>
    public static double[] Edges(ReadOnlySpan<double> reference, int bins = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 2);
        var sorted = reference.ToArray();
        Array.Sort(sorted);
        return sorted.Length == 0
            ? []
            : [.. Enumerable.Range(1, bins - 1).Select(i => Resampling.ResampledValues.Quantile(sorted, (double)i / bins)).Distinct()];
    }

    /// <summary>Cases by bin: a value equal to an edge lies above it.</summary>
    /// <param name="values">Finite values.</param>
    /// <param name="edges">Ascending.</param>
    /// <returns>edges.Length + 1 counts.</returns>
    public static int[] Count(ReadOnlySpan<double> values, double[] edges)
    {
        var counts = new int[edges.Length + 1];
        foreach (var value in values)
        {
            var at = Array.BinarySearch(edges, value);
            counts[at < 0 ? ~at : at + 1]++;
        }

        return counts;
    }

    static double Sum(ReadOnlySpan<int> counts)
    {
        long sum = 0;
        foreach (var c in counts)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(c);
            sum += c;
        }

        return sum;
    }
}

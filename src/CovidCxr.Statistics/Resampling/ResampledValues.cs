namespace CovidCxr.Statistics.Resampling;

/// <summary>Reads intervals off resampled values.</summary>
public static class ResampledValues
{
    /// <summary>The 2.5th and 97.5th percentile.</summary>
    /// <param name="sorted">Finite, ascending, at least one.</param>
    public static (double Lower, double Upper) Percentile(ReadOnlySpan<double> sorted) =>
        (Quantile(sorted, 0.025), Quantile(sorted, 0.975));

    /// <summary>Hyndman and Fan's type 7, linear between order statistics: the default of R and NumPy.</summary>
    /// <param name="sorted">Finite, ascending, at least one.</param>
    /// <param name="probability">0..1.</param>
    /// <exception cref="ArgumentException">There are no values.</exception>
    public static double Quantile(ReadOnlySpan<double> sorted, double probability)
    {
        if (sorted.IsEmpty)
        {
            throw new ArgumentException("No values have no quantile.", nameof(sorted));
        }

        var position = Math.Clamp(probability, 0, 1) * (sorted.Length - 1);
        var index = (int)position;
        return index + 1 < sorted.Length ? sorted[index] + ((position - index) * (sorted[index + 1] - sorted[index])) : sorted[^1];
    }
}

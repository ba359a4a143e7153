namespace CovidCxr.Statistics.Resampling;

/// <summary>Reads intervals off resampled values.</summary>
public static class ResampledValues
{
    /// <summary>The 2.5th and 97.5th percentile.</summary>
    /// <param name="sorted">Finite, ascending, at least one.</param>
    public static (double Lower, double Upper) Percentile(ReadOnlySpan<double> sorted) => (Quantile(sorted, 0.025), Quantile(sorted, 0.975));

    /// <summary>
    /// Bias-corrected and accelerated (Efron 1987); null where the value lies outside all resamples or the jackknife shows no variation.
    /// </summary>
    /// <param name="sorted">Finite, ascending, at least one.</param>
    /// <param name="value">The statistic of the cases themselves.</param>
    /// <param name="jackknife">The statistic without each cluster in turn, finite.</param>
    public static (double Lower, double Upper)? BiasCorrectedAccelerated(ReadOnlySpan<double> sorted, double value, ReadOnlySpan<double> jackknife)
    {
        int below = 0, notAbove = 0;
        foreach (var v in sorted)
        {
            below += v < value ? 1 : 0;
            notAbove += v <= value ? 1 : 0;
        }

        // Ties count half, as in scipy.
        var share = (below + notAbove) / (2.0 * sorted.Length);
        if (share is 0 or 1 || Acceleration(jackknife) is not { } acceleration)
        {
            return null;
        }

        var bias = Normal.Quantile(share);
        return (Quantile(sorted, Adjusted(-Normal.Z95)), Quantile(sorted, Adjusted(Normal.Z95)));

        double Adjusted(double z) => Normal.Cumulative(bias + ((bias + z) / (1 - (acceleration * (bias + z)))));
    }

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

    static double? Acceleration(ReadOnlySpan<double> jackknife)
    {
        var mean = 0.0;
        foreach (var v in jackknife)
        {
            mean += v / jackknife.Length;
        }

        double squares = 0, cubes = 0;
        foreach (var v in jackknife)
        {
            var d = mean - v;
            squares += d * d;
            cubes += d * d * d;
        }

        // Below this a variation is rounding.
        return squares > 1e-24 ? cubes / (6 * Math.Pow(squares, 1.5)) : null;
    }
}

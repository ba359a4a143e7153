namespace CovidCxr.Statistics.Discrimination;

/// <summary>The score interval of a proportion (Wilson 1927): right near 0 and 1 and with few cases.</summary>
public static class Wilson
{
    /// <summary>The 97.5th percentile of the standard normal distribution.</summary>
    public const double Z95 = 1.959963984540054;

    /// <summary>
    /// A resampled share, with this interval where the share is 0 or 1: all resamples agree then and say nothing of the next case, and this
    /// does. Cases of one patient are not independent, so it counts patients.
    /// </summary>
    /// <param name="patients">Those that the share's cases are of, 0 or more.</param>
    public static Estimate WhereAllAgree(Estimate share, int patients)
    {
        if (share is not { Value: (0 or 1) and var value, Lower: null })
        {
            return share;
        }

        var independent = Math.Min(patients, share.Count);
        return Proportion((int)value * independent, independent) with
        {
            Count = share.Count,
            Method = independent == share.Count ? "Wilson" : $"Wilson, by {independent} patients",
        };
    }

    /// <param name="successes">0 .. trials.</param>
    /// <param name="trials">With 0 the proportion is undefined.</param>
    /// <exception cref="ArgumentOutOfRangeException">successes is negative or above trials.</exception>
    public static Estimate Proportion(int successes, int trials)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
        if (trials == 0)
        {
            return Estimate.Undefined(0, "no cases");
        }

        double n = trials, p = successes / n, z2 = Z95 * Z95;
        var centre = (p + (z2 / (2 * n))) / (1 + (z2 / n));
        var half = Z95 / (1 + (z2 / n)) * Math.Sqrt((p * (1 - p) / n) + (z2 / (4 * n * n)));
        // At the ends the formula is exact; rounding would leave 1e-17 in place of 0.
        return new(p, successes == 0 ? 0 : centre - half, successes == trials ? 1 : centre + half, trials, "Wilson");
    }
}

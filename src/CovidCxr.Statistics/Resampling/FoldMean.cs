namespace CovidCxr.Statistics.Resampling;

/// <summary>The mean of a figure over the folds of a cross-validation.</summary>
public static class FoldMean
{
    // The 97.5th percentiles of Student's t with 1 .. 19 degrees of freedom: 2 to 20 folds.
    static readonly double[] T =
    [
        12.706204736, 4.302652730, 3.182446305, 2.776445105, 2.570581837, 2.446911849, 2.364624251, 2.306004135, 2.262157163, 2.228138852,
        2.200985160, 2.178812830, 2.160368656, 2.144786688, 2.131449546, 2.119905299, 2.109815578, 2.100922040, 2.093024054,
    ];

    /// <summary>
    /// Mean and Student's interval. The folds share most of their training images and are not independent: the interval is too narrow
    /// (Bengio and Grandvalet 2004).
    /// </summary>
    /// <param name="values">One per fold, at most 20; without folds the mean is undefined.</param>
    public static Estimate Of(IReadOnlyList<double> values)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(values.Count, T.Length + 1);
        if (values.Count == 0)
        {
            return Estimate.Undefined(0, "no folds");
        }

        var mean = values.Average();
        if (values.Count == 1)
        {
            return new(mean, null, null, 1, "one fold");
        }

        var variance = values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1);
        var half = T[values.Count - 2] * Math.Sqrt(variance / values.Count);
        return new(mean, mean - half, mean + half, values.Count, "Student over folds");
    }
}

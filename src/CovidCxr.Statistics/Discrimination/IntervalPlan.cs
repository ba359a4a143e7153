namespace CovidCxr.Statistics.Discrimination;

/// <summary>How many cases an interval of a wanted width needs.</summary>
public static class IntervalPlan
{
    /// <summary>
    /// For a 95% interval of a proportion: n = z² p (1 - p) / (W / 2)² with z = 1.96 and the whole width W, rounded up (Buderer 1996,
    /// Academic Emergency Medicine 3:895, for sensitivity among the ill and specificity among the others). It is for independent cases:
    /// where patients have several films, count patients.
    /// </summary>
    /// <param name="expected">The proportion that is expected, 0..1; 0.5 needs most.</param>
    /// <param name="width">From the lower end to the upper, above 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public static int OfProportion(double expected, double width)
    {
        if (expected is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(expected), "A proportion lies in 0..1.");
        }

        if (width is not (> 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(width), "A width lies above 0, and at most at 1.");
        }

        var half = width / 2;
        return (int)Math.Ceiling(Wilson.Z95 * Wilson.Z95 * expected * (1 - expected) / (half * half));
    }

    /// <summary>
    /// How many more cases of the same kind make an interval narrow: its width falls with the root of their number, so that n (w / W)² are
    /// needed where n gave w.
    /// </summary>
    /// <param name="cases">That gave the interval, at least 1.</param>
    /// <param name="width">Of that interval, at least 0.</param>
    /// <param name="wanted">The wanted width, above 0.</param>
    /// <returns>0 where it is narrow enough.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public static int More(int cases, double width, double wanted)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cases, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(wanted);
        var needed = Math.Ceiling(cases * (width / wanted) * (width / wanted));
        return needed <= cases ? 0 : (int)Math.Min(int.MaxValue, needed - cases);
    }
}

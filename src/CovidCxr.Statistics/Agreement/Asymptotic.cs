namespace CovidCxr.Statistics.Agreement;

/// <summary>A coefficient of at most 1 with the interval of a normal distribution around it, cut to -1..1.</summary>
static class Asymptotic
{
    public static Estimate Around(double value, double variance, int cases, string method)
    {
        // An interval of no width would claim certainty; the variance of a perfect table is 0, or rounding.
        if (cases < 2 || !(variance > 1e-18))
        {
            return new(value, null, null, cases, "no interval: these cases show no variance");
        }

        var half = Normal.Z95 * Math.Sqrt(variance);
        return new(value, Math.Max(-1, value - half), Math.Min(1, value + half), cases, method);
    }
}

namespace CovidCxr.Statistics;

/// <summary>The standard normal distribution.</summary>
public static class Normal
{
    /// <summary>The 97.5th percentile.</summary>
    public const double Z95 = 1.959963984540054;

    /// <summary>P(Z &lt;= z), absolute error below 1e-15 (the continued fraction and series of the incomplete gamma function).</summary>
    public static double Cumulative(double z)
    {
        var tail = 0.5 * SpecialFunctions.UpperGamma(0.5, z * z / 2);
        return z > 0 ? 1 - tail : tail;
    }

    /// <summary>The z of Cumulative(z) = probability: Acklam's rational start (relative error 1e-9), then Halley steps.</summary>
    /// <param name="probability">Above 0 and below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">probability is not inside 0..1.</exception>
    public static double Quantile(double probability)
    {
        if (probability is not (> 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(probability));
        }

        // By symmetry in the lower half, where the tail keeps its digits.
        if (probability > 0.5)
        {
            return -Quantile(1 - probability);
        }

        var z = Start(probability);
        for (var i = 0; i < 2; i++)
        {
            var u = (Cumulative(z) - probability) * Math.Sqrt(2 * Math.PI) * Math.Exp(z * z / 2);
            z -= u / (1 + (z * u / 2));
        }

        return z;
    }

    static double Start(double p)
    {
        if (p < 0.02425)
        {
            var q = Math.Sqrt(-2 * Math.Log(p));
            return Polynomial(q, -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783)
                / Polynomial(q, 7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996, 3.754408661907416, 1);
        }

        var c = p - 0.5;
        var r = c * c;
        return c * Polynomial(r, -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02, -3.066479806614716e+01, 2.506628277459239)
            / Polynomial(r, -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01, -1.328068155288572e+01, 1);
    }

    static double Polynomial(double x, params ReadOnlySpan<double> coefficients)
    {
        var sum = 0.0;
        foreach (var c in coefficients)
        {
            sum = (sum * x) + c;
        }

        return sum;
    }
}

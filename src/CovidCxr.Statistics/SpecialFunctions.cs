namespace CovidCxr.Statistics;

/// <summary>What the distributions need, after Press et al., Numerical Recipes (2007), chapter 6.</summary>
static class SpecialFunctions
{
    const int MaximumTerms = 10_000;

    static readonly double[] Lanczos =
    [
        0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
        12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
    ];

    /// <summary>The regularised upper incomplete gamma function Q(a, x), a > 0, x >= 0.</summary>
    public static double UpperGamma(double a, double x)
    {
        if (x <= 0)
        {
            return 1;
        }

        var factor = Math.Exp((a * Math.Log(x)) - x - LogGamma(a));
        return x < a + 1 ? 1 - (factor * LowerSeries(a, x)) : factor * UpperFraction(a, x);
    }

    /// <summary>P(X > x) of chi-squared.</summary>
    public static double ChiSquaredTail(double x, double degrees) => UpperGamma(degrees / 2, x / 2);

    /// <summary>The x of P(X &lt;= x) = probability of chi-squared, by halving: 0 &lt; probability &lt; 1.</summary>
    public static double ChiSquaredQuantile(double probability, double degrees)
    {
        double low = 0, high = degrees + 10;
        while (ChiSquaredTail(high, degrees) > 1 - probability)
        {
            high *= 2;
        }

        for (var i = 0; i < 100; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = ChiSquaredTail(middle, degrees) > 1 - probability ? (middle, high) : (low, middle);
        }

        return (low + high) / 2;
    }

    /// <summary>ln Gamma(x) for x > 0 (Lanczos, g = 7), relative error about 1e-15.</summary>
    public static double LogGamma(double x)
    {
        if (x < 0.5)
        {
            return Math.Log(Math.PI / Math.Sin(Math.PI * x)) - LogGamma(1 - x);
        }

        var sum = Lanczos[0];
        for (var i = 1; i < Lanczos.Length; i++)
        {
            sum += Lanczos[i] / (x - 1 + i);
        }

        var t = x + 6.5;
        return (0.5 * Math.Log(2 * Math.PI)) + ((x - 0.5) * Math.Log(t)) - t + Math.Log(sum);
    }

    static double LowerSeries(double a, double x)
    {
        double term = 1 / a, sum = term;
        for (var n = 1; n < MaximumTerms && Math.Abs(term) > Math.Abs(sum) * 1e-17; n++)
        {
            term *= x / (a + n);
            sum += term;
        }

        return sum;
    }

    // Lentz's method.
    static double UpperFraction(double a, double x)
    {
        const double tiny = 1e-300;
        double b = x + 1 - a, c = 1 / tiny, d = 1 / b, h = d;
        for (var i = 1; i < MaximumTerms; i++)
        {
            var an = -i * (i - a);
            b += 2;
            d = (an * d) + b;
            d = 1 / (Math.Abs(d) < tiny ? tiny : d);
            c = b + (an / c);
            c = Math.Abs(c) < tiny ? tiny : c;
            var step = d * c;
            h *= step;
            if (Math.Abs(step - 1) < 1e-16)
            {
                break;
            }
        }

        return h;
    }
}

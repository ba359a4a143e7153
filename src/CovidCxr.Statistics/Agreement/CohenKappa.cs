using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Statistics.Agreement;

/// <summary>
/// Agreement of two raters beyond what their own habits would give by chance (Cohen 1960; weighted 1968): (Po - Pe) / (1 - Pe), -1..1, 0 is
/// chance. Not defined where both always chose one and the same category. It falls where a category is rare: see
/// <see cref="GwetAgreement"/>.
/// </summary>
public static class CohenKappa
{
    /// <summary>For the bootstrap: a function of a table's cells, row by row.</summary>
    public static TotalStatistic Statistic(int categories, AgreementWeights weights = AgreementWeights.Identity)
    {
        var w = WeightMatrix.Of(weights, categories);
        return new(cells => Value(cells, categories, w));
    }

    static double? Value(ReadOnlySpan<double> cells, int k, double[] w)
    {
        var p = cells[..(k * k)].ToArray();
        var total = p.Sum();
        if (total == 0)
        {
            return null;
        }

        for (var i = 0; i < p.Length; i++)
        {
            p[i] /= total;
        }

        var (first, second) = Margins(p, k);
        var (observed, expected) = Sums(p, first, second, w);
        return 1 - expected < 1e-12 ? null : (observed - expected) / (1 - expected);
    }

    static (double[] First, double[] Second) Margins(double[] p, int k)
    {
        var first = new double[k];
        var second = new double[k];
        for (var i = 0; i < p.Length; i++)
        {
            first[i / k] += p[i];
            second[i % k] += p[i];
        }

        return (first, second);
    }

    static (double Observed, double Expected) Sums(double[] p, double[] first, double[] second, double[] w)
    {
        double observed = 0, expected = 0;
        for (var i = 0; i < p.Length; i++)
        {
            observed += w[i] * p[i];
            expected += w[i] * first[i / first.Length] * second[i % first.Length];
        }

        return (observed, expected);
    }
}

using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Statistics.Agreement;

/// <summary>Two raters over the same cases, each figure with an interval by bootstrap over clusters (patients), all from the same resamples.</summary>
/// <param name="Table">What they called.</param>
/// <param name="Observed">The share of cases with the same category.</param>
/// <param name="Kappa">Cohen's, for categories without order.</param>
/// <param name="LinearKappa">For ordered categories; equals Kappa where there are two.</param>
/// <param name="QuadraticKappa">For ordered categories; equals Kappa where there are two.</param>
/// <param name="Ac1">Gwet's AC1.</param>
public sealed record PairAgreement(PairTable Table, Estimate Observed, Estimate Kappa, Estimate LinearKappa, Estimate QuadraticKappa, Estimate Ac1)
{
    /// <param name="clusters">Which cases belong together.</param>
    /// <param name="first">0 .. categories - 1, one per case.</param>
    /// <param name="second">0 .. categories - 1, one per case.</param>
    /// <param name="categories">At least 2.</param>
    /// <exception cref="ArgumentException">The raters and the clusters are not of the same cases.</exception>
    public static PairAgreement Of(
        Clusters clusters, ReadOnlySpan<int> first, ReadOnlySpan<int> second, int categories, BootstrapPlan? plan = null, CancellationToken cancellation = default)
    {
        var table = PairTable.Of(first, second, categories);
        var cells = new int[first.Length];
        for (var i = 0; i < cells.Length; i++)
        {
            cells[i] = PairTable.Cell(first[i], second[i], categories);
        }

        var e = ClusteredBootstrap.Intervals(
            TotalStatistics.OfCells(clusters, cells, categories * categories, [
                TotalStatistic.Ratio([.. Enumerable.Range(0, categories).Select(k => k * (categories + 1))], [.. Enumerable.Range(0, categories * categories)]),
                CohenKappa.Statistic(categories),
                CohenKappa.Statistic(categories, AgreementWeights.Linear),
                CohenKappa.Statistic(categories, AgreementWeights.Quadratic),
                GwetAgreement.Statistic(categories),
            ]),
            plan, cancellation);
        return new(table, e[0], e[1], e[2], e[3], e[4]);
    }
}

using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Statistics.Agreement;

/// <summary>Several raters, each figure with an interval by bootstrap over clusters (patients), all from the same resamples.</summary>
/// <param name="Observed">The share of pairs of ratings of one case that are equal, averaged over cases.</param>
/// <param name="Fleiss">Fleiss' kappa.</param>
/// <param name="Ac1">Gwet's AC1.</param>
/// <param name="Alpha">Krippendorff's alpha, nominal.</param>
/// <param name="OrdinalAlpha">Krippendorff's alpha for ordered categories.</param>
public sealed record RaterAgreement(Estimate Observed, Estimate Fleiss, Estimate Ac1, Estimate Alpha, Estimate OrdinalAlpha)
{
    /// <param name="clusters">Which cases of the table belong together.</param>
    /// <param name="table">Who rated what; cases with fewer than two ratings do not tell of agreement.</param>
    /// <exception cref="ArgumentException">Table and clusters are not of the same cases.</exception>
    public static RaterAgreement Of(Clusters clusters, RatingTable table, BootstrapPlan? plan = null, CancellationToken cancellation = default) =>
        From(ClusteredBootstrap.Intervals(Statistics(clusters, table), plan, cancellation));

    /// <summary>The figures as statistics of the same resamples as others; their estimates go into <see cref="From"/>.</summary>
    /// <inheritdoc cref="Of"/>
    public static TotalStatistics Statistics(Clusters clusters, RatingTable table)
    {
        if (clusters.Cases != table.Cases)
        {
            throw new ArgumentException("Table and clusters need the same cases.", nameof(table));
        }

        var k = table.Categories;
        var fleiss = new ChanceModel(k, AgreementWeights.Identity, gwet: false);
        var gwet = new ChanceModel(k, AgreementWeights.Identity, gwet: true);
        var shared = ChanceModel.Columns(k);
        return new(clusters, shared + (k * k), Add, [ChanceModel.Observed, fleiss.Statistic, gwet.Statistic, Alpha(MeasurementLevel.Nominal), Alpha(MeasurementLevel.Ordinal)]);

        void Add(int i, Span<double> row)
        {
            fleiss.Add(table[i], row);
            KrippendorffAlpha.Add(table[i], row[shared..]);
        }

        TotalStatistic Alpha(MeasurementLevel level) => KrippendorffAlpha.Statistic(k, level, shared) with { Cases = fleiss.Statistic.Cases };
    }

    /// <param name="estimates">Of <see cref="Statistics"/>.</param>
    public static RaterAgreement From(IReadOnlyList<Estimate> estimates) => new(estimates[0], estimates[1], estimates[2], estimates[3], estimates[4]);
}

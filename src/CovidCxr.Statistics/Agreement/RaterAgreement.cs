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
    /// <summary>Asks for the figures.</summary>
    /// <param name="clusters">Which cases of the table belong together.</param>
    /// <param name="table">Who rated what; cases with fewer than two ratings do not tell of agreement.</param>
    /// <exception cref="ArgumentException">Table and clusters are not of the same cases.</exception>
    public static FigureRequest<RaterAgreement> Request(Clusters clusters, RatingTable table)
    {
        if (clusters.Cases != table.Cases)
        {
            throw new ArgumentException("Table and clusters need the same cases.", nameof(table));
        }

        var k = table.Categories;
        var fleiss = new ChanceModel(k, gwet: false);
        var gwet = new ChanceModel(k, gwet: true);
        var shared = ChanceModel.Columns(k);
        var sums = new TotalStatistics(clusters, shared + (k * k), Add);
        var (observed, kappa, ac1) = (sums.Ask(ChanceModel.Observed), sums.Ask(fleiss.Statistic), sums.Ask(gwet.Statistic));
        var (nominal, ordinal) = (sums.Ask(Alpha(MeasurementLevel.Nominal)), sums.Ask(Alpha(MeasurementLevel.Ordinal)));
        return new([sums], e => new(e[observed], e[kappa], e[ac1], e[nominal], e[ordinal]));

        void Add(int i, Span<double> row)
        {
            fleiss.Add(table[i], row);
            KrippendorffAlpha.Add(table[i], row[shared..]);
        }

        TotalStatistic Alpha(MeasurementLevel level) => KrippendorffAlpha.Statistic(k, level, shared) with
        {
            Cases = fleiss.Statistic.Cases
        };
    }

    /// <summary>What a function makes of each figure.</summary>
    public RaterAgreement Select(Func<Estimate, Estimate> of) => new(of(Observed), of(Fleiss), of(Ac1), of(Alpha), of(OrdinalAlpha));
}

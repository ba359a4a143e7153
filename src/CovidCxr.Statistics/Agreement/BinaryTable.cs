using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Statistics.Agreement;

/// <summary>
/// The figures of a table of two callers for the bootstrap, as functions of four neighbouring sums, one per <see cref="PairCell"/>. Each is
/// based on the cases of its denominator.
/// </summary>
/// <param name="firstColumn">The sum that counts <see cref="PairCell.Both"/>, at least 0.</param>
public sealed class BinaryTable(int firstColumn)
{
    /// <summary>How many sums a table takes.</summary>
    public const int Columns = 4;

    readonly int _both = firstColumn + (int)PairCell.Both, _onlyFirst = firstColumn + (int)PairCell.OnlyFirst,
        _onlySecond = firstColumn + (int)PairCell.OnlySecond, _neither = firstColumn + (int)PairCell.Neither;

    /// <summary>The share of equal calls, 0..1. Where the second caller is the truth it is the accuracy.</summary>
    public TotalStatistic Observed => TotalStatistic.Ratio([_both, _neither], [_both, _onlyFirst, _onlySecond, _neither]);

    /// <summary>Cohen's kappa, -1..1.</summary>
    public TotalStatistic Kappa => OfTable(CohenKappa.Statistic(2).Value);

    /// <summary>Gwet's AC1, at most 1.</summary>
    public TotalStatistic Ac1 => OfTable(GwetAgreement.Statistic(2).Value);

    /// <summary>Where the second caller is the truth: of its yes, the share that the first calls yes.</summary>
    public TotalStatistic Sensitivity => TotalStatistic.Ratio([_both], [_both, _onlySecond]);

    /// <summary>Where the second caller is the truth: of its no, the share that the first calls no.</summary>
    public TotalStatistic Specificity => TotalStatistic.Ratio([_neither], [_onlyFirst, _neither]);

    /// <summary>
    /// Where the second caller is the truth: of the first's yes, the share that is true, at the prevalence of these cases.
    /// </summary>
    public TotalStatistic PositivePredictiveValue => TotalStatistic.Ratio([_both], [_both, _onlyFirst]);

    /// <summary>
    /// Where the second caller is the truth: of the first's no, the share that is true, at the prevalence of these cases.
    /// </summary>
    public TotalStatistic NegativePredictiveValue => TotalStatistic.Ratio([_neither], [_onlySecond, _neither]);

    /// <summary>Where the second caller is the truth: the predictive values at another prevalence.</summary>
    /// <param name="prevalence">Above 0 and below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">prevalence is not inside 0..1.</exception>
    public (TotalStatistic Positive, TotalStatistic Negative) PredictiveValuesAt(double prevalence)
    {
        var (positive, negative) = PredictiveValues.Statistics(prevalence);
        return (Worth(positive), Worth(negative));

        TotalStatistic Worth(TotalStatistic figure) => OfTable(t =>
            figure.Value([t[(int)PairCell.Both], t[(int)PairCell.OnlySecond], t[(int)PairCell.OnlyFirst], t[(int)PairCell.Neither]]));
    }

    /// <summary>Counts a case.</summary>
    /// <param name="cell">Where the two call it.</param>
    /// <param name="totals">All sums, of which this table's are four.</param>
    public void Add(PairCell cell, Span<double> totals) => totals[firstColumn + (int)cell]++;

    // A function of the four cells alone, based on all cases of the table.
    TotalStatistic OfTable(TotalFunction value) =>
        new(t => value(t.Slice(firstColumn, Columns)), t => t[_both] + t[_onlyFirst] + t[_onlySecond] + t[_neither]);
}

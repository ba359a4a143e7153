using CovidCxr.Statistics.Calibration;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Statistics.Discrimination;

/// <summary>
/// The figures of a binary model at one threshold, each with an interval by bootstrap over clusters (patients); all from the same
/// resamples.
/// </summary>
/// <param name="ExpectedCalibrationError">
/// Its resamples lie above it on average, the more so the fewer cases a bin has: near 0 the interval says more about noise than about the
/// model.
/// </param>
public sealed record ClusteredMetrics(
    Estimate Accuracy, Estimate Sensitivity, Estimate Specificity, Estimate PositivePredictiveValue, Estimate NegativePredictiveValue,
    Estimate Area, Estimate BrierScore, Estimate ExpectedCalibrationError)
{
    const int Tp = 0, Fn = 1, Fp = 2, Tn = 3, SquaredError = 4, FirstBin = 5;

    /// <summary>Asks for the figures.</summary>
    /// <param name="clusters">Which cases belong together: <c>Clusters.Of(patients)</c>.</param>
    /// <param name="threshold">Positive is a score of at least this.</param>
    /// <param name="scores">0..1, one per case.</param>
    /// <param name="isPositive">The truth, one per case.</param>
    /// <param name="binCount">Equal-width bins of the calibration error, at least 1.</param>
    /// <exception cref="ArgumentException">Scores, truth and clusters are not of the same cases.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A score is not in 0..1, or binCount is below 1.</exception>
    public static FigureRequest<ClusteredMetrics> Request(
        Clusters clusters, double threshold, double[] scores, bool[] isPositive, int binCount = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(binCount, 1);
        if (scores.Any(s => s is not (>= 0 and <= 1)))
        {
            throw new ArgumentOutOfRangeException(nameof(scores), "A score lies in 0..1.");
        }

        var area = new AreaStatistic(clusters, scores, isPositive);
        var sums = new TotalStatistics(clusters, FirstBin + binCount, Add);
        var accuracy = sums.Ask(TotalStatistic.Ratio([Tp, Tn], [Tp, Fn, Fp, Tn]));
        var sensitivity = sums.Ask(TotalStatistic.Ratio([Tp], [Tp, Fn]));
        var specificity = sums.Ask(TotalStatistic.Ratio([Tn], [Tn, Fp]));
        var positive = sums.Ask(TotalStatistic.Ratio([Tp], [Tp, Fp]));
        var negative = sums.Ask(TotalStatistic.Ratio([Tn], [Tn, Fn]));
        var brier = sums.Ask(TotalStatistic.Ratio([SquaredError], [Tp, Fn, Fp, Tn]));
        var calibration = sums.Ask(new(CalibrationError));
        return new([sums, area], e => new(
            e[accuracy], e[sensitivity], e[specificity], e[positive], e[negative], e[area.Figure], e[brier], e[calibration]));

        void Add(int i, Span<double> row)
        {
            var truth = isPositive[i] ? 1 : 0;
            row[(scores[i] >= threshold, isPositive[i]) switch { (true, true) => Tp, (false, true) => Fn, (true, false) => Fp, _ => Tn }]++;
            row[SquaredError] += (scores[i] - truth) * (scores[i] - truth);
            row[FirstBin + ReliabilityDiagram.BinOf(scores[i], binCount)] += scores[i] - truth;
        }
    }

    // A bin's count times |mean score - observed rate| is |sum of (score - truth)|.
    static double? CalibrationError(ReadOnlySpan<double> totals)
    {
        var cases = totals[Tp] + totals[Fn] + totals[Fp] + totals[Tn];
        var distance = 0.0;
        foreach (var bin in totals[FirstBin..])
        {
            distance += Math.Abs(bin);
        }

        return cases > 0 ? distance / cases : null;
    }
}

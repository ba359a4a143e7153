namespace CovidCxr.Statistics.Calibration;

/// <summary>Cases whose score lies in [Low, High): how sure the model was on average, and how often it was right to be.</summary>
public sealed record ReliabilityBin(double Low, double High, int Count, double MeanScore, double ObservedRate);

/// <summary>Whether a score of 0.8 means 80%.</summary>
/// <param name="BrierScore">Mean squared distance of score and truth, 0 (best) to 1; null without cases (Brier 1950).</param>
/// <param name="ExpectedCalibrationError">Mean distance of score and observed rate over equal-width bins, weighted by their cases; null
/// without cases (Naeini et al. 2015).</param>
/// <param name="Bins">Bins that hold cases.</param>
public sealed record ReliabilityDiagram(double? BrierScore, double? ExpectedCalibrationError, IReadOnlyList<ReliabilityBin> Bins)
{
    /// <param name="scores">0..1, one per case.</param>
    /// <param name="isPositive">The truth, one per case.</param>
    /// <param name="binCount">At least 1.</param>
    /// <exception cref="ArgumentException">Scores and truth are not of the same cases.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A score is not in 0..1, or binCount is below 1.</exception>
    public static ReliabilityDiagram Of(IReadOnlyList<double> scores, IReadOnlyList<bool> isPositive, int binCount = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(binCount, 1);
        if (scores.Count != isPositive.Count)
        {
            throw new ArgumentException("Scores and truth need the same length.", nameof(isPositive));
        }

        if (scores.Any(s => s is not (>= 0 and <= 1)))
        {
            throw new ArgumentOutOfRangeException(nameof(scores), "A score lies in 0..1.");
        }

        if (scores.Count == 0)
        {
            return new(null, null, []);
        }

        var cases = scores.Zip(isPositive, (score, positive) => (Score: score, Truth: positive ? 1.0 : 0.0)).ToList();
        var bins = cases.GroupBy(c => BinOf(c.Score, binCount)).OrderBy(g => g.Key)
            .Select(g => new ReliabilityBin(
                (double)g.Key / binCount, (g.Key + 1.0) / binCount, g.Count(), g.Average(c => c.Score), g.Average(c => c.Truth)))
            .ToList();
        var brier = cases.Average(c => (c.Score - c.Truth) * (c.Score - c.Truth));
        return new(brier, bins.Sum(b => b.Count * Math.Abs(b.MeanScore - b.ObservedRate)) / cases.Count, bins);
    }

    /// <summary>The bin 0 .. binCount - 1 whose [Low, High) holds a score of 0..1; 1 itself lies in the last.</summary>
    public static int BinOf(double score, int binCount)
    {
        var bin = Math.Min((int)(score * binCount), binCount - 1);
        // 0.57 * 100 is 56.99...: the edges as they are shown decide.
        return bin + 1 < binCount && score >= (bin + 1.0) / binCount ? bin + 1 : bin > 0 && score < (double)bin / binCount ? bin - 1 : bin;
    }
}

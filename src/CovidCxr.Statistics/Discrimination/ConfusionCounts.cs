namespace CovidCxr.Statistics.Discrimination;

/// <summary>The 2 x 2 table of a decision against the truth; positive is the disease (Adedigba et al. 2021, section 5).</summary>
public sealed record ConfusionCounts(int TruePositive, int FalseNegative, int FalsePositive, int TrueNegative)
{
    public int Total => TruePositive + FalseNegative + FalsePositive + TrueNegative;

    public Estimate Accuracy => Wilson.Proportion(TruePositive + TrueNegative, Total);

    /// <summary>TP / (TP + FN).</summary>
    public Estimate Sensitivity => Wilson.Proportion(TruePositive, TruePositive + FalseNegative);

    /// <summary>TN / (TN + FP); the paper's eq. (12) is misprinted.</summary>
    public Estimate Specificity => Wilson.Proportion(TrueNegative, TrueNegative + FalsePositive);

    /// <summary>TP / (TP + FP), at the prevalence of these cases.</summary>
    public Estimate PositivePredictiveValue => Wilson.Proportion(TruePositive, TruePositive + FalsePositive);

    /// <summary>TN / (TN + FN), at the prevalence of these cases.</summary>
    public Estimate NegativePredictiveValue => Wilson.Proportion(TrueNegative, TrueNegative + FalseNegative);

    /// <summary>Counts decisions score >= threshold.</summary>
    /// <param name="scores">0..1, one per case.</param>
    /// <param name="isPositive">The truth, one per case.</param>
    /// <exception cref="ArgumentException">Scores and truth are not of the same cases, or a score is NaN: it would pass for a negative
    /// call.</exception>
    public static ConfusionCounts At(double threshold, ReadOnlySpan<double> scores, ReadOnlySpan<bool> isPositive)
    {
        if (scores.Length != isPositive.Length)
        {
            throw new ArgumentException("Scores and truth need the same length.", nameof(isPositive));
        }

        if (double.IsNaN(threshold) || scores.ContainsNaN())
        {
            throw new ArgumentException("A score is not a number.", nameof(scores));
        }

        int tp = 0, fn = 0, fp = 0, tn = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            _ = (scores[i] >= threshold, isPositive[i]) switch
            {
                (true, true) => tp++,
                (false, true) => fn++,
                (true, false) => fp++,
                (false, false) => tn++,
            };
        }

        return new(tp, fn, fp, tn);
    }
}

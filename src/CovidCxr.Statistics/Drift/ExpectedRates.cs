using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Statistics.Drift;

/// <summary>
/// What sensitivity and specificity to expect on cases whose truth nobody knows (confidence-based estimation: Białek et al. 2024,
/// arXiv:2407.08649). Other cases with a truth say how probable the disease is at a score (Platt 1999: logistic regression on the score's
/// log odds, on each side of the threshold by itself, so that each side's mean is that of its cases whatever the scores' shape); the cases
/// without one are then counted by these probabilities. It holds as long as a score means what it meant: other patients
/// change it as they should, a disease that looks otherwise goes unseen. Both sides are resampled together.
/// </summary>
public sealed class ExpectedRates : IClusterStatistics
{
    const int SensitivityAt = 0, SpecificityAt = 1;
    const double Edge = 1e-6;

    // Below the threshold, and at or above it.
    readonly Known[] _known;
    readonly (int Cluster, double Odds)[][] _asked;

    /// <param name="clusters">Which cases belong together: the films of a patient, known or asked.</param>
    /// <param name="scores">Of the positive class, 0..1, one per case.</param>
    /// <param name="truth">One per case; null where it is asked what to expect.</param>
    /// <param name="isCalledPositive">One per case: on which side of the threshold it lies.</param>
    /// <exception cref="ArgumentException">Not of the same cases, or a score is no number.</exception>
    public ExpectedRates(
        Clusters clusters, IReadOnlyList<double> scores, IReadOnlyList<bool?> truth, IReadOnlyList<bool> isCalledPositive)
    {
        if (scores.Count != clusters.Cases || truth.Count != clusters.Cases || isCalledPositive.Count != clusters.Cases)
        {
            throw new ArgumentException("Scores, truth, calls and clusters need the same cases.", nameof(scores));
        }

        if (scores.Any(double.IsNaN))
        {
            throw new ArgumentException("A score is not a number.", nameof(scores));
        }

        Clusters = clusters;
        double[] odds = [.. scores.Select(s => Math.Clamp(s, Edge, 1 - Edge)).Select(s => Math.Log(s / (1 - s)))];
        int[] of = [.. clusters.OfCase];
        var sides = new[] { false, true };
        var all = Enumerable.Range(0, odds.Length).ToLookup(i => (isCalledPositive[i], truth[i] is not null));
        _known =
        [
            .. sides.Select(s => all[(s, true)].ToArray()).Select(k => new Known(
                [.. k.Select(i => of[i])], [.. k.Select(i => (double[])[odds[i]])], [.. k.Select(i => truth[i]!.Value)])),
        ];
        _asked = [.. sides.Select(s => all[(s, false)].Select(i => (of[i], odds[i])).ToArray())];
    }

    /// <summary>To be expected of the asked cases, 0..1; not defined where one side of the threshold is not known.</summary>
    public FigureHandle Sensitivity => new(this, SensitivityAt);

    /// <inheritdoc cref="Sensitivity"/>
    public FigureHandle Specificity => new(this, SpecificityAt);

    public Clusters Clusters { get; }

    public int Count => 2;

    public int CasesOf(int statistic) => _asked.Sum(a => a.Length);

    public void Evaluate(ReadOnlySpan<int> weights, Span<double?> values)
    {
        values.Clear();
        if (Sum(1, weights) is var (truePositive, falsePositive)
            && Sum(0, weights) is var (falseNegative, trueNegative))
        {
            values[SensitivityAt] = truePositive + falseNegative > 0 ? truePositive / (truePositive + falseNegative) : null;
            values[SpecificityAt] = trueNegative + falsePositive > 0 ? trueNegative / (trueNegative + falsePositive) : null;
        }
    }

    // Expected with and without the disease on one side; null where nothing is known of that side.
    (double Ill, double Well)? Sum(int side, ReadOnlySpan<int> weights)
    {
        if (Fit(_known[side], weights) is not { } fitted)
        {
            return null;
        }

        double ill = 0, well = 0;
        var row = new double[1];
        foreach (var (cluster, odds) in _asked[side])
        {
            row[0] = odds;
            var probability = fitted.Probability(row);
            ill += weights[cluster] * probability;
            well += weights[cluster] * (1 - probability);
        }

        return (ill, well);
    }

    // Null where no case is known.
    static LogisticRegression? Fit(Known known, ReadOnlySpan<int> weights)
    {
        var cases = new int[known.Rows.Length];
        int all = 0, ill = 0;
        for (var i = 0; i < cases.Length; i++)
        {
            cases[i] = weights[known.ClusterOf[i]];
            all += cases[i];
            ill += known.IsIll[i] ? cases[i] : 0;
        }

        return all == 0 ? null
            // Never, or always, in so many: half a case more of the other.
            : ill == 0 || ill == all ? new([0], Math.Log((ill + 0.5) / (all - ill + 0.5)))
            : LogisticRegression.Fit(known.Rows, known.IsIll, weights: cases);
    }

    sealed record Known(int[] ClusterOf, double[][] Rows, bool[] IsIll);
}

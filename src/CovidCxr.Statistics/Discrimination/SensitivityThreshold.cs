using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Statistics.Discrimination;

/// <summary>
/// The highest threshold at which a wanted share of the positives is found, for the bootstrap: positives are ranked once, a resample is one
/// pass over them. It lies midway to the next lower score of any case, as on the score itself the last bit of another kernel would decide.
/// </summary>
public sealed class SensitivityThreshold : IClusterStatistics
{
    // Rounding of target times count.
    const double Slack = 1e-9;

    readonly double _target;

    // The highest score first.
    readonly (int Cluster, double Threshold)[] _positives;

    /// <param name="clusters">Which cases belong together.</param>
    /// <param name="scores">0..1, one per case.</param>
    /// <param name="isPositive">The truth, one per case.</param>
    /// <param name="target">The sensitivity that is wanted, above 0 to 1.</param>
    /// <exception cref="ArgumentException">Scores, truth and clusters are not of the same cases, or a score is NaN.</exception>
    /// <exception cref="ArgumentOutOfRangeException">target is not above 0 to 1.</exception>
    public SensitivityThreshold(Clusters clusters, ReadOnlySpan<double> scores, ReadOnlySpan<bool> isPositive, double target)
    {
        if (target is not (> 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(target), "A sensitivity lies above 0, and at most at 1.");
        }

        if (scores.Length != clusters.Cases || isPositive.Length != clusters.Cases)
        {
            throw new ArgumentException("Scores, truth and clusters need the same cases.", nameof(scores));
        }

        if (scores.ContainsNaN())
        {
            throw new ArgumentException("A score is not a number.", nameof(scores));
        }

        (Clusters, _target) = (clusters, target);
        double[] ascending = [.. scores.ToArray().Distinct().Order()];
        var positives = new List<(int Cluster, double Score)>();
        for (var i = 0; i < scores.Length; i++)
        {
            if (isPositive[i])
            {
                positives.Add((clusters.OfCase[i], scores[i]));
            }
        }

        _positives = [.. positives.OrderByDescending(p => p.Score).Select(p => (p.Cluster, Below(ascending, p.Score)))];
    }

    /// <summary>The threshold, 0..1; not defined without positives.</summary>
    public FigureHandle Figure => new(this, 0);

    public Clusters Clusters { get; }

    public int Count => 1;

    public int CasesOf(int statistic) => _positives.Length;

    public void Evaluate(ReadOnlySpan<int> weights, Span<double?> values)
    {
        long all = 0, found = 0;
        foreach (var (cluster, _) in _positives)
        {
            all += weights[cluster];
        }

        values[0] = null;
        foreach (var (cluster, threshold) in _positives)
        {
            found += weights[cluster];
            if (all > 0 && found >= (_target * all) - Slack)
            {
                values[0] = threshold;
                return;
            }
        }
    }

    /// <summary>
    /// Calls at thresholds that were chosen without them: what is found on the cases that chose a threshold flatters it. Clusters go round
    /// the folds in their order, and each fold is called at the threshold of the others.
    /// </summary>
    /// <param name="folds">At least 2.</param>
    /// <returns>One call per case; positive where the others hold no positive to choose by.</returns>
    /// <inheritdoc cref="SensitivityThreshold(Clusters, ReadOnlySpan{double}, ReadOnlySpan{bool}, double)"/>
    public static bool[] CallsByOthers(Clusters clusters, double[] scores, bool[] isPositive, double target, int folds = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        var calls = new bool[clusters.Cases];
        var ones = new int[clusters.Count];
        Array.Fill(ones, 1);
        Span<double?> chosen = new double?[1];
        for (var fold = 0; fold < folds; fold++)
        {
            int[] others = [.. Cases(clusters, fold, folds, isIn: false)];
            new SensitivityThreshold(
                clusters.Only(others), [.. others.Select(i => scores[i])], [.. others.Select(i => isPositive[i])], target)
                .Evaluate(ones, chosen);
            foreach (var i in Cases(clusters, fold, folds, isIn: true))
            {
                calls[i] = scores[i] >= (chosen[0] ?? 0);
            }
        }

        return calls;
    }

    static IEnumerable<int> Cases(Clusters clusters, int fold, int folds, bool isIn) =>
        Enumerable.Range(0, clusters.Cases).Where(i => clusters.OfCase[i] % folds == fold == isIn);

    static double Below(double[] ascending, double score) =>
        Array.BinarySearch(ascending, score) is var at && at > 0 ? (score + ascending[at - 1]) / 2 : score / 2;
}

using System.Runtime.Intrinsics;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Statistics.Discrimination;

/// <summary>The area under the ROC curve for the bootstrap: cases are ranked once, a resample is one pass over them.</summary>
public sealed class AreaStatistic : IClusterStatistics
{
    // Cases by score: four times the cluster, plus 2 for the last of a tie, plus 1 for a positive.
    readonly int[] _codeInOrder;

    /// <param name="clusters">Which cases belong together.</param>
    /// <param name="scores">Finite, one per case.</param>
    /// <param name="isPositive">The truth, one per case.</param>
    /// <exception cref="ArgumentException">Scores, truth and clusters are not of the same cases, or a score is NaN.</exception>
    public AreaStatistic(Clusters clusters, ReadOnlySpan<double> scores, ReadOnlySpan<bool> isPositive)
    {
        if (scores.Length != clusters.Cases || isPositive.Length != clusters.Cases)
        {
            throw new ArgumentException("Scores, truth and clusters need the same cases.", nameof(scores));
        }

        if (scores.ContainsNaN())
        {
            throw new ArgumentException("A score is not a number.", nameof(scores));
        }

        Clusters = clusters;
        var truth = isPositive.ToArray();
        var sorted = scores.ToArray();
        var order = Enumerable.Range(0, sorted.Length).ToArray();
        Array.Sort(sorted, order);
        _codeInOrder = Array.ConvertAll(order, i => (4 * clusters.OfCase[i]) + (truth[i] ? 1 : 0));
        foreach (var end in Enumerable.Range(1, sorted.Length).Where(i => i == sorted.Length || sorted[i] != sorted[i - 1]))
        {
            _codeInOrder[end - 1] += 2;
        }
    }

    /// <summary>The area, 0..1.</summary>
    public FigureHandle Figure => new(this, 0);

    public Clusters Clusters { get; }

    public int Count => 1;

    public int CasesOf(int statistic) => Clusters.Cases;

    public void Evaluate(ReadOnlySpan<int> weights, Span<double?> values)
    {
        long positivesBelow = 0, negativesBelow = 0, wonTwice = 0, positiveHere = 0, negativeHere = 0;
        foreach (var code in _codeInOrder)
        {
            // The mask is the weight or 0 without a branch, which would be mispredicted for half of the cases.
            var weight = weights[code >> 2];
            var positive = weight & -(code & 1);
            positiveHere += positive;
            negativeHere += weight - positive;
            if ((code & 2) != 0)
            {
                wonTwice += positiveHere * ((2 * negativesBelow) + negativeHere);
                positivesBelow += positiveHere;
                negativesBelow += negativeHere;
                positiveHere = negativeHere = 0;
            }
        }

        values[0] = positivesBelow > 0 && negativesBelow > 0 ? wonTwice / 2.0 / ((double)positivesBelow * negativesBelow) : null;
    }

    public void Evaluate(ResampleBlock block, Span<double?> values)
    {
        Span<double> areas = stackalloc double[ResampleBlock.Size];
        Evaluate(block.ByCluster, isUpper: false, areas[..Vector512<double>.Count]);
        Evaluate(block.ByCluster, isUpper: true, areas[Vector512<double>.Count..]);
        for (var i = 0; i < block.Count; i++)
        {
            values[i] = double.IsFinite(areas[i]) ? areas[i] : null;
        }
    }

    // As above, eight resamples at a time; doubles hold these whole numbers exactly.
    void Evaluate(ReadOnlySpan<Vector512<float>> weights, bool isUpper, Span<double> areas)
    {
        Vector512<double> positivesBelow = default, negativesBelow = default, wonTwice = default, positiveHere = default,
        negativeHere = default;
        foreach (var code in _codeInOrder)
        {
            var weight = isUpper ? Vector512.WidenUpper(weights[code >> 2]) : Vector512.WidenLower(weights[code >> 2]);
            var positive = weight * (code & 1);
            positiveHere += positive;
            negativeHere += weight - positive;
            if ((code & 2) != 0)
            {
                wonTwice += positiveHere * (negativesBelow + negativesBelow + negativeHere);
                positivesBelow += positiveHere;
                negativesBelow += negativeHere;
                positiveHere = negativeHere = default;
            }
        }

        (wonTwice / Vector512.Create(2.0) / (positivesBelow * negativesBelow)).CopyTo(areas);
    }
}

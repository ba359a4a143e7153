using System.Runtime.Intrinsics;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Statistics.Discrimination;

/// <summary>The area under the ROC curve for the bootstrap: cases are ranked once, a resample is one pass over them.</summary>
public sealed class AreaStatistic : IClusterStatistics
{
    // Cases by score: four times the cluster, plus 2 for the last of a tie, plus 1 for a positive.
    readonly int[] codeInOrder;
    readonly int[] tieEnds;
    readonly int[] rankOfCase;
    readonly bool[] isPositive;
    readonly long[] belowTwice;
    readonly double pairsWon;
    readonly long positives;

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
        this.isPositive = isPositive.ToArray();
        var sorted = scores.ToArray();
        var order = Enumerable.Range(0, sorted.Length).ToArray();
        Array.Sort(sorted, order);
        tieEnds = [.. Enumerable.Range(1, sorted.Length).Where(i => i == sorted.Length || sorted[i] != sorted[i - 1])];
        codeInOrder = Array.ConvertAll(order, i => (4 * clusters.OfCase[i]) + (this.isPositive[i] ? 1 : 0));
        foreach (var end in tieEnds)
        {
            codeInOrder[end - 1] += 2;
        }

        rankOfCase = new int[sorted.Length];
        belowTwice = new long[sorted.Length];
        positives = this.isPositive.LongCount(p => p);
        pairsWon = Place(order);
    }

    public Clusters Clusters { get; }

    public int Count => 1;

    public int CasesOf(int statistic) => Clusters.Cases;

    public void Evaluate(ReadOnlySpan<int> weights, Span<double?> values)
    {
        long positivesBelow = 0, negativesBelow = 0, wonTwice = 0, positiveHere = 0, negativeHere = 0;
        foreach (var code in codeInOrder)
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
        Vector512<double> positivesBelow = default, negativesBelow = default, wonTwice = default, positiveHere = default, negativeHere = default;
        foreach (var code in codeInOrder)
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

    public void EvaluateWithout(int cluster, Span<double?> values)
    {
        var members = Clusters.CasesOf(cluster);
        long won = 0, ownPositives = 0;
        foreach (var i in members)
        {
            won += belowTwice[i];
            ownPositives += isPositive[i] ? 1 : 0;
        }

        // Pairs within the cluster were taken off twice.
        foreach (var p in members)
        {
            foreach (var n in members)
            {
                won -= isPositive[p] && !isPositive[n] ? Math.Sign(rankOfCase[p] - rankOfCase[n]) + 1 : 0;
            }
        }

        var leftPositives = positives - ownPositives;
        var leftNegatives = Clusters.Cases - positives - (members.Length - ownPositives);
        values[0] = leftPositives > 0 && leftNegatives > 0 ? (pairsWon - won) / 2.0 / ((double)leftPositives * leftNegatives) : null;
    }

    // Twice the pairs that each case is ranked right in (ties once), and their sum over the positives.
    double Place(int[] order)
    {
        long positivesBelow = 0, negativesBelow = 0, total = 0;
        var start = 0;
        for (var tie = 0; tie < tieEnds.Length; tie++)
        {
            var here = order.AsSpan(start..tieEnds[tie]);
            long positiveHere = 0;
            foreach (var i in here)
            {
                positiveHere += isPositive[i] ? 1 : 0;
            }

            var negativeHere = here.Length - positiveHere;
            foreach (var i in here)
            {
                rankOfCase[i] = tie;
                belowTwice[i] = isPositive[i] ? (2 * negativesBelow) + negativeHere : (2 * (positives - positivesBelow - positiveHere)) + positiveHere;
            }

            total += positiveHere * ((2 * negativesBelow) + negativeHere);
            positivesBelow += positiveHere;
            negativesBelow += negativeHere;
            start = tieEnds[tie];
        }

        return total;
    }
}

using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CovidCxr.Statistics.Resampling;

/// <summary>A number made from sums over the cases; null where they do not define it.</summary>
public delegate double? TotalFunction(ReadOnlySpan<double> totals);

/// <summary>Adds one case to the sums of its cluster.</summary>
public delegate void AddCase(int caseIndex, Span<double> totals);

/// <summary>A function of sums, and the sum that it is based on.</summary>
/// <param name="Value">The number.</param>
/// <param name="Cases">Its denominator; null: the number of cases.</param>
public sealed record TotalStatistic(TotalFunction Value, TotalFunction? Cases = null)
{
    /// <summary>A proportion of cells, such as TP / (TP + FN); not defined where the denominator is 0.</summary>
    /// <param name="numerator">Columns whose sum is divided.</param>
    /// <param name="denominator">Columns by whose sum it is divided.</param>
    public static TotalStatistic Ratio(int[] numerator, int[] denominator) =>
        new(t => Sum(t, denominator) is var d and not 0 ? Sum(t, numerator) / d : null, t => Sum(t, denominator));

    static double Sum(ReadOnlySpan<double> totals, int[] columns)
    {
        var sum = 0.0;
        foreach (var column in columns)
        {
            sum += totals[column];
        }

        return sum;
    }
}

/// <summary>
/// Any number of statistics that are functions of the same sums over cases (cells of a table, squared errors): the cases are summed per cluster once, and
/// sixteen resamples cost one pass over the sums that are not 0.
/// </summary>
public sealed class TotalStatistics : IClusterStatistics
{
    readonly IReadOnlyList<TotalStatistic> statistics;
    readonly double[] totals;

    // A cluster's sums that are not 0: from its start to the next one's.
    readonly int[] starts;
    readonly ushort[] columnOf;
    readonly double[] valueOf;

    /// <param name="clusters">Which cases belong together.</param>
    /// <param name="columns">How many sums there are, 1 .. 65,536.</param>
    /// <param name="add">Adds a case to its cluster's sums; called once for each case.</param>
    /// <param name="statistics">Functions of the sums.</param>
    public TotalStatistics(Clusters clusters, int columns, AddCase add, IReadOnlyList<TotalStatistic> statistics)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(columns, ushort.MaxValue + 1);
        Clusters = clusters;
        this.statistics = statistics;
        totals = new double[columns];
        starts = new int[clusters.Count + 1];
        List<ushort> used = new(2 * clusters.Cases);
        List<double> values = new(2 * clusters.Cases);
        var row = new double[columns];
        for (var c = 0; c < clusters.Count; c++)
        {
            foreach (var i in clusters.CasesOf(c))
            {
                add(i, row);
            }

            for (var column = 0; column < row.Length; column++)
            {
                if (row[column] != 0)
                {
                    used.Add((ushort)column);
                    values.Add(row[column]);
                    totals[column] += row[column];
                    row[column] = 0;
                }
            }

            starts[c + 1] = used.Count;
        }

        (columnOf, valueOf) = ([.. used], [.. values]);
    }

    /// <summary>Statistics of a table: each case lies in one cell.</summary>
    /// <param name="clusters">Which cases belong together.</param>
    /// <param name="cellOfCase">0 .. cells - 1, one per case.</param>
    /// <param name="cells">The number of cells.</param>
    /// <param name="statistics">Functions of the cells' counts.</param>
    /// <exception cref="ArgumentException">The cells and the clusters are not of the same cases.</exception>
    public static TotalStatistics OfCells(Clusters clusters, int[] cellOfCase, int cells, IReadOnlyList<TotalStatistic> statistics) =>
        cellOfCase.Length == clusters.Cases
            ? new(clusters, cells, (i, row) => row[cellOfCase[i]]++, statistics)
            : throw new ArgumentException("One cell per case is needed.", nameof(cellOfCase));

    public Clusters Clusters { get; }

    public int Count => statistics.Count;

    /// <summary>The sums over all cases.</summary>
    public ReadOnlySpan<double> Totals => totals;

    public int CasesOf(int statistic) => statistics[statistic].Cases is { } cases ? (int)(cases(totals) ?? 0) : Clusters.Cases;

    public void Evaluate(ReadOnlySpan<int> weights, Span<double?> values)
    {
        var sums = new double[totals.Length];
        for (var c = 0; c < weights.Length; c++)
        {
            for (var i = starts[c]; i < starts[c + 1]; i++)
            {
                sums[columnOf[i]] += weights[c] * valueOf[i];
            }
        }

        Apply(sums, values);
    }

    public void Evaluate(ResampleBlock block, Span<double?> values)
    {
        var sums = new Vector512<double>[2 * totals.Length];
        var weights = block.ByCluster;
        for (var c = 0; c < starts.Length - 1; c++)
        {
            var (low, high) = Vector512.Widen(weights[c]);
            for (var i = starts[c]; i < starts[c + 1]; i++)
            {
                var at = 2 * columnOf[i];
                sums[at] += low * valueOf[i];
                sums[at + 1] += high * valueOf[i];
            }
        }

        var bySum = MemoryMarshal.Cast<Vector512<double>, double>(sums.AsSpan());
        var own = new double[totals.Length];
        for (var resample = 0; resample < block.Count; resample++)
        {
            for (var column = 0; column < own.Length; column++)
            {
                own[column] = bySum[(column * ResampleBlock.Size) + resample];
            }

            Apply(own, values.Slice(resample * Count, Count));
        }
    }

    public void EvaluateWithout(int cluster, Span<double?> values)
    {
        var sums = totals.AsSpan().ToArray();
        for (var i = starts[cluster]; i < starts[cluster + 1]; i++)
        {
            sums[columnOf[i]] -= valueOf[i];
        }

        Apply(sums, values);
    }

    void Apply(ReadOnlySpan<double> sums, Span<double?> values)
    {
        for (var s = 0; s < statistics.Count; s++)
        {
            values[s] = statistics[s].Value(sums);
        }
    }
}

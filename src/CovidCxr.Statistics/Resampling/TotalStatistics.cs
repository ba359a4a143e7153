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
/// a resample costs one multiplication per cluster and column in which it is not 0.
/// </summary>
public sealed class TotalStatistics : IClusterStatistics
{
    readonly IReadOnlyList<TotalStatistic> statistics;
    readonly double[][] rows;
    readonly double[] totals;
    readonly int[][] clustersOfColumn;
    readonly double[][] valuesOfColumn;

    /// <param name="clusters">Which cases belong together.</param>
    /// <param name="columns">How many sums there are, at least 1.</param>
    /// <param name="add">Adds a case to its cluster's sums; called once for each case.</param>
    /// <param name="statistics">Functions of the sums.</param>
    public TotalStatistics(Clusters clusters, int columns, AddCase add, IReadOnlyList<TotalStatistic> statistics)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        Clusters = clusters;
        this.statistics = statistics;
        rows = new double[clusters.Count][];
        totals = new double[columns];
        for (var c = 0; c < rows.Length; c++)
        {
            var row = rows[c] = new double[columns];
            foreach (var i in clusters.CasesOf(c))
            {
                add(i, row);
            }
        }

        clustersOfColumn = new int[columns][];
        valuesOfColumn = new double[columns][];
        for (var column = 0; column < columns; column++)
        {
            clustersOfColumn[column] = [.. Enumerable.Range(0, rows.Length).Where(c => rows[c][column] != 0)];
            valuesOfColumn[column] = Array.ConvertAll(clustersOfColumn[column], c => rows[c][column]);
        }

        var ones = new int[clusters.Count];
        Array.Fill(ones, 1);
        Sum(ones, totals);
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
        Span<double> sums = totals.Length <= 256 ? stackalloc double[totals.Length] : new double[totals.Length];
        Sum(weights, sums);
        Apply(sums, values);
    }

    public void EvaluateWithout(int cluster, Span<double?> values)
    {
        Span<double> sums = totals.Length <= 256 ? stackalloc double[totals.Length] : new double[totals.Length];
        for (var column = 0; column < sums.Length; column++)
        {
            sums[column] = totals[column] - rows[cluster][column];
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

    // Four chains of additions, because one would wait for each sum; the order is fixed, so the result is too.
    void Sum(ReadOnlySpan<int> weights, Span<double> sums)
    {
        for (var column = 0; column < sums.Length; column++)
        {
            ReadOnlySpan<int> clusters = clustersOfColumn[column];
            ReadOnlySpan<double> values = valuesOfColumn[column];
            double a = 0, b = 0, c = 0, d = 0;
            var i = 0;
            for (; i + 3 < clusters.Length && i + 3 < values.Length; i += 4)
            {
                a += weights[clusters[i]] * values[i];
                b += weights[clusters[i + 1]] * values[i + 1];
                c += weights[clusters[i + 2]] * values[i + 2];
                d += weights[clusters[i + 3]] * values[i + 3];
            }

            for (; i < clusters.Length; i++)
            {
                a += weights[clusters[i]] * values[i];
            }

            sums[column] = a + b + (c + d);
        }
    }
}

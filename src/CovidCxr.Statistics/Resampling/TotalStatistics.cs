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

    /// <summary>This number less another of the same sums. It is based on the fewer cases of the two.</summary>
    public TotalStatistic Less(TotalStatistic other) => new(
        t => Value(t) - other.Value(t),
        Cases is { } own && other.Cases is { } others ? t => Math.Min(own(t) ?? 0, others(t) ?? 0) : Cases ?? other.Cases);

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
/// Any number of statistics that are functions of the same sums over cases (cells of a table, squared errors): the cases are summed per
/// cluster once, clusters with the same sums are told apart no more, and sixteen resamples cost one pass over the clusters and one over the
/// different sums that are not 0. Ask for the figures before the resampling.
/// </summary>
public sealed class TotalStatistics : IClusterStatistics
{
    readonly List<TotalStatistic> _statistics = [];
    readonly double[] _totals;
    readonly int[] _rowOfCluster;
    readonly TotalRows _rows;

    /// <param name="clusters">Which cases belong together.</param>
    /// <param name="columns">How many sums there are, 1 .. 65,536.</param>
    /// <param name="add">Adds a case to its cluster's sums; called once for each case.</param>
    public TotalStatistics(Clusters clusters, int columns, AddCase add)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(columns, ushort.MaxValue + 1);
        Clusters = clusters;
        _totals = new double[columns];
        _rowOfCluster = new int[clusters.Count];
        _rows = new(columns);
        var row = new double[columns];
        for (var c = 0; c < clusters.Count; c++)
        {
            foreach (var i in clusters.CasesOf(c))
            {
                add(i, row);
            }

            _rowOfCluster[c] = _rows.NumberOf(row);
            _rows.AddTo(_totals, _rowOfCluster[c], 1);
            Array.Clear(row);
        }

        _rows.Close(clusters.Count);
    }

    /// <summary>Statistics of a table: each case lies in one cell.</summary>
    /// <param name="clusters">Which cases belong together.</param>
    /// <param name="cellOfCase">0 .. cells - 1, one per case.</param>
    /// <param name="cells">The number of cells.</param>
    /// <exception cref="ArgumentException">The cells and the clusters are not of the same cases.</exception>
    public static TotalStatistics OfCells(Clusters clusters, int[] cellOfCase, int cells) =>
        cellOfCase.Length == clusters.Cases
            ? new(clusters, cells, (i, row) => row[cellOfCase[i]]++)
            : throw new ArgumentException("One cell per case is needed.", nameof(cellOfCase));

    public Clusters Clusters { get; }

    public int Count => _statistics.Count;

    /// <summary>Asks for a function of the sums.</summary>
    /// <returns>What its estimate is read by.</returns>
    public FigureHandle Ask(TotalStatistic statistic)
    {
        _statistics.Add(statistic);
        return new(this, _statistics.Count - 1);
    }

    /// <summary>The sums over all cases.</summary>
    public ReadOnlySpan<double> Totals => _totals;

    /// <summary>Clusters that have cases of those that a figure is based on.</summary>
    public int ClustersOf(FigureHandle figure)
    {
        if (_statistics[figure.Statistic].Cases is not { } cases)
        {
            return Clusters.NonEmpty;
        }

        var sums = new double[_totals.Length];
        var has = new bool[_rows.Count];
        for (var row = 0; row < has.Length; row++)
        {
            Array.Clear(sums);
            _rows.AddTo(sums, row, 1);
            has[row] = cases(sums) > 0;
        }

        return _rowOfCluster.Count(row => has[row]);
    }

    public int CasesOf(int statistic) => _statistics[statistic].Cases is { } cases ? (int)(cases(_totals) ?? 0) : Clusters.Cases;

    public void Evaluate(ReadOnlySpan<int> weights, Span<double?> values)
    {
        var sums = new double[_totals.Length];
        for (var c = 0; c < weights.Length; c++)
        {
            _rows.AddTo(sums, _rowOfCluster[c], weights[c]);
        }

        Apply(sums, values);
    }

    public void Evaluate(ResampleBlock block, Span<double?> values)
    {
        var weights = block.ByCluster;
        var ofRow = block.Scratch(_rows.Count);
        for (var c = 0; c < _rowOfCluster.Length; c++)
        {
            ofRow[_rowOfCluster[c]] += weights[c];
        }

        var bySum = _rows.Sum(ofRow);
        var own = new double[_totals.Length];
        for (var resample = 0; resample < block.Count; resample++)
        {
            for (var column = 0; column < own.Length; column++)
            {
                own[column] = bySum[(column * ResampleBlock.Size) + resample];
            }

            Apply(own, values.Slice(resample * Count, Count));
        }
    }

    void Apply(ReadOnlySpan<double> sums, Span<double?> values)
    {
        for (var s = 0; s < _statistics.Count; s++)
        {
            values[s] = _statistics[s].Value(sums);
        }
    }
}

using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CovidCxr.Statistics.Resampling;

/// <summary>The different rows of sums that clusters have, each once, without their zeros.</summary>
/// <param name="columns">How many sums there are, 1 .. 65,536.</param>
sealed class TotalRows(int columns)
{
    /// <summary>Whole multiples of this, up to 2^24 of them, are added in single precision without rounding.</summary>
    const float Step = 0.25f;

    const double MostSteps = 1 << 24;

    // By hash the newest row, and of each row the one before it with the same.
    readonly Dictionary<int, int> _newest = [];
    readonly List<int> _before = [];

    // A row's sums that are not 0: from its start to the next one's.
    readonly List<int> _starts = [0];
    readonly List<ushort> _columnOf = [];
    readonly List<double> _valueOf = [];
    float[]? _singles;

    public int Count => _before.Count;

    /// <summary>The number of a row, 0 .. Count - 1, in the order in which they first appear.</summary>
    public int NumberOf(ReadOnlySpan<double> row)
    {
        var first = _columnOf.Count;
        var hash = default(HashCode);
        for (var column = 0; column < row.Length; column++)
        {
            if (row[column] != 0)
            {
                _columnOf.Add((ushort)column);
                _valueOf.Add(row[column]);
                hash.Add(column);
                hash.Add(row[column]);
            }
        }

        var code = hash.ToHashCode();
        for (var number = _newest.GetValueOrDefault(code, -1); number >= 0; number = _before[number])
        {
            if (IsLast(number, first))
            {
                CollectionsMarshal.SetCount(_columnOf, first);
                CollectionsMarshal.SetCount(_valueOf, first);
                return number;
            }
        }

        _before.Add(_newest.GetValueOrDefault(code, -1));
        _newest[code] = Count - 1;
        _starts.Add(_columnOf.Count);
        return Count - 1;
    }

    /// <summary>
    /// No more rows. Where no resample of so many clusters can round, sums are made in single precision, in half of the time.
    /// </summary>
    public void Close(int clusters)
    {
        _newest.Clear();
        var values = CollectionsMarshal.AsSpan(_valueOf);
        var largest = 0.0;
        foreach (var value in values)
        {
            if (value % Step != 0)
            {
                return;
            }

            largest = Math.Max(largest, Math.Abs(value));
        }

        if (clusters * largest <= MostSteps * Step)
        {
            _singles = Array.ConvertAll(values.ToArray(), v => (float)v);
        }
    }

    public void AddTo(Span<double> sums, int number, int weight)
    {
        for (var i = _starts[number]; i < _starts[number + 1]; i++)
        {
            sums[_columnOf[i]] += weight * _valueOf[i];
        }
    }

    /// <summary>The sums of sixteen resamples, column by column.</summary>
    /// <param name="weights">Of each row, how often it counts in each resample.</param>
    public double[] Sum(ReadOnlySpan<Vector512<float>> weights) => _singles is null ? SumDoubles(weights) : SumSingles(weights, _singles);

    double[] SumDoubles(ReadOnlySpan<Vector512<float>> weights)
    {
        var sums = new double[columns * ResampleBlock.Size];
        var halves = MemoryMarshal.Cast<double, Vector512<double>>(sums.AsSpan());
        var at = CollectionsMarshal.AsSpan(_starts);
        var of = CollectionsMarshal.AsSpan(_columnOf);
        var values = CollectionsMarshal.AsSpan(_valueOf);
        for (var row = 0; row < weights.Length; row++)
        {
            var (low, high) = Vector512.Widen(weights[row]);
            for (var i = at[row]; i < at[row + 1]; i++)
            {
                halves[2 * of[i]] += low * values[i];
                halves[(2 * of[i]) + 1] += high * values[i];
            }
        }

        return sums;
    }

    double[] SumSingles(ReadOnlySpan<Vector512<float>> weights, float[] values)
    {
        var sums = new float[columns * ResampleBlock.Size];
        var whole = MemoryMarshal.Cast<float, Vector512<float>>(sums.AsSpan());
        var at = CollectionsMarshal.AsSpan(_starts);
        var of = CollectionsMarshal.AsSpan(_columnOf);
        for (var row = 0; row < weights.Length; row++)
        {
            for (var i = at[row]; i < at[row + 1]; i++)
            {
                whole[of[i]] += weights[row] * values[i];
            }
        }

        return Array.ConvertAll(sums, s => (double)s);
    }

    // Whether the sums of a row are those that were written last.
    bool IsLast(int number, int first)
    {
        var own = _starts[number].._starts[number + 1];
        return CollectionsMarshal.AsSpan(_columnOf)[own].SequenceEqual(CollectionsMarshal.AsSpan(_columnOf)[first..])
            && CollectionsMarshal.AsSpan(_valueOf)[own].SequenceEqual(CollectionsMarshal.AsSpan(_valueOf)[first..]);
    }
}

namespace CovidCxr.Statistics.Resampling;

/// <summary>
/// Which cases belong together: the films of one patient are not independent, so a resample takes all of a patient's cases or none.
/// Clusters are numbered 0 .. Count - 1 in the order in which they first appear.
/// </summary>
public sealed class Clusters
{
    readonly int[] _clusterOfCase;
    readonly int[] _starts;
    readonly int[] _casesByCluster;

    Clusters(int[] clusterOfCase, int count, Clusters? whole = null)
    {
        _clusterOfCase = clusterOfCase;
        Count = count;
        Whole = whole ?? this;
        _starts = new int[count + 1];
        foreach (var cluster in clusterOfCase)
        {
            _starts[cluster + 1]++;
        }

        for (var c = 0; c < count; c++)
        {
            _starts[c + 1] += _starts[c];
        }

        var next = _starts[..count];
        _casesByCluster = new int[clusterOfCase.Length];
        for (var i = 0; i < clusterOfCase.Length; i++)
        {
            _casesByCluster[next[clusterOfCase[i]]++] = i;
        }
    }

    /// <summary>The number of clusters, 0 without cases.</summary>
    public int Count { get; }

    /// <summary>The number of cases.</summary>
    public int Cases => _clusterOfCase.Length;

    /// <summary>The cluster of each case.</summary>
    public ReadOnlySpan<int> OfCase => _clusterOfCase;

    /// <param name="keys">One per case: cases of equal key (a patient) form a cluster.</param>
    public static Clusters Of<TKey>(IReadOnlyList<TKey> keys)
        where TKey : notnull
    {
        var numbers = new Dictionary<TKey, int>();
        var clusterOfCase = new int[keys.Count];
        for (var i = 0; i < clusterOfCase.Length; i++)
        {
            if (!numbers.TryGetValue(keys[i], out var number))
            {
                numbers.Add(keys[i], number = numbers.Count);
            }

            clusterOfCase[i] = number;
        }

        return new(clusterOfCase, numbers.Count);
    }

    /// <summary>
    /// Some of the cases in the same clusters, of which some may be empty then: a statistic of part of the cases sees the same resamples as
    /// one of all.
    /// </summary>
    /// <param name="cases">Cases of these clusters, in the order in which they are to be numbered.</param>
    public Clusters Only(IReadOnlyList<int> cases) => new([.. cases.Select(i => _clusterOfCase[i])], Count, Whole);

    /// <summary>What these are a part of, or themselves.</summary>
    internal Clusters Whole { get; }

    /// <summary>The number of clusters that have cases.</summary>
    public int NonEmpty
    {
        get
        {
            var count = 0;
            for (var c = 0; c < Count; c++)
            {
                count += _starts[c + 1] > _starts[c] ? 1 : 0;
            }

            return count;
        }
    }

    /// <summary>The cases of one cluster, in ascending order.</summary>
    public ReadOnlySpan<int> CasesOf(int cluster) => _casesByCluster.AsSpan(_starts[cluster].._starts[cluster + 1]);
}

namespace CovidCxr.Statistics.Resampling;

/// <summary>
/// Which cases belong together: the films of one patient are not independent, so a resample takes all of a patient's cases or none.
/// Clusters are numbered 0 .. Count - 1 in the order in which they first appear.
/// </summary>
public sealed class Clusters
{
    readonly int[] clusterOfCase;
    readonly int[] starts;
    readonly int[] casesByCluster;

    Clusters(int[] clusterOfCase, int count)
    {
        this.clusterOfCase = clusterOfCase;
        Count = count;
        starts = new int[count + 1];
        foreach (var cluster in clusterOfCase)
        {
            starts[cluster + 1]++;
        }

        for (var c = 0; c < count; c++)
        {
            starts[c + 1] += starts[c];
        }

        var next = starts[..count];
        casesByCluster = new int[clusterOfCase.Length];
        for (var i = 0; i < clusterOfCase.Length; i++)
        {
            casesByCluster[next[clusterOfCase[i]]++] = i;
        }
    }

    /// <summary>The number of clusters, 0 without cases.</summary>
    public int Count { get; }

    /// <summary>The number of cases.</summary>
    public int Cases => clusterOfCase.Length;

    /// <summary>The cluster of each case.</summary>
    public ReadOnlySpan<int> OfCase => clusterOfCase;

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

    /// <summary>Every case on its own: the ordinary bootstrap.</summary>
    /// <param name="cases">At least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">cases is negative.</exception>
    public static Clusters Single(int cases)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cases);
        return new([.. Enumerable.Range(0, cases)], cases);
    }

    /// <summary>The cases of one cluster, in ascending order.</summary>
    public ReadOnlySpan<int> CasesOf(int cluster) => casesByCluster.AsSpan(starts[cluster]..starts[cluster + 1]);
}

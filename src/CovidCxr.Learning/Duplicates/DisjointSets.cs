namespace CovidCxr.Learning.Duplicates;

/// <summary>Union-find over the numbers from 0.</summary>
sealed class DisjointSets(int count)
{
    readonly int[] _parent = [.. Enumerable.Range(0, count)];

    /// <summary>For each its set's number.</summary>
    public int[] Numbers => [.. Enumerable.Range(0, count).Select(Root)];

    public void JoinEqual<T>(Func<int, T> of)
    {
        foreach (var set in Enumerable.Range(0, count).GroupBy(of))
        {
            var first = set.First();
            foreach (var member in set)
            {
                Join(first, member);
            }
        }
    }

    public void Join(int first, int other) => _parent[Root(other)] = Root(first);

    public int Root(int i)
    {
        while (_parent[i] != i)
        {
            i = _parent[i] = _parent[_parent[i]];
        }

        return i;
    }
}

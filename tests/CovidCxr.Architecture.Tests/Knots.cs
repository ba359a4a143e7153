namespace CovidCxr.Architecture.Tests;

/// <summary>The cycles of a directed graph and what undoes them.</summary>
static class Knots
{
    /// <summary>Every set of two or more nodes that reach each other (strongly connected components, Tarjan 1972).</summary>
    public static IReadOnlyList<string[]> Find(IEnumerable<(string From, string To)> edges)
    {
        var next = edges.ToLookup(e => e.From, e => e.To);
        var index = new Dictionary<string, int>();
        var low = new Dictionary<string, int>();
        var open = new Stack<string>();
        var knots = new List<string[]>();
        foreach (var node in next.Select(n => n.Key).Order(StringComparer.Ordinal))
        {
            if (!index.ContainsKey(node))
            {
                Visit(node);
            }
        }

        return knots;

        void Visit(string node)
        {
            index[node] = low[node] = index.Count;
            open.Push(node);
            foreach (var other in next[node])
            {
                if (index.TryGetValue(other, out var seen))
                {
                    low[node] = open.Contains(other) ? Math.Min(low[node], seen) : low[node];
                }
                else
                {
                    Visit(other);
                    low[node] = Math.Min(low[node], low[other]);
                }
            }

            if (low[node] == index[node])
            {
                var knot = new List<string>();
                do
                {
                    knot.Add(open.Pop());
                }
                while (knot[^1] != node);
                if (knot.Count > 1)
                {
                    knots.Add([.. knot.Order(StringComparer.Ordinal)]);
                }
            }
        }
    }

    /// <summary>
    /// A cheap set of edges whose removal leaves the knot without a cycle: the edges that point backwards in an order of the nodes
    /// that no move of a single node betters. The least such set is NP-hard to find; a hint for the reader need not be the least.
    /// </summary>
    public static IReadOnlyList<(string From, string To)> Cut(string[] knot, Func<string, string, int> weight)
    {
        var order = knot.OrderBy(n => knot.Sum(m => weight(m, n) - weight(n, m))).ToList();
        for (var better = true; better;)
        {
            better = false;
            foreach (var node in knot)
            {
                var rest = order.Where(n => n != node).ToList();
                var best = Enumerable.Range(0, knot.Length)
                    .Select(i => rest.Take(i).Append(node).Concat(rest.Skip(i)).ToList())
                    .MinBy(Backward)!;
                if (Backward(best) < Backward(order))
                {
                    order = best;
                    better = true;
                }
            }
        }

        return [.. Back(order)];

        int Backward(List<string> nodes) => Back(nodes).Sum(e => weight(e.From, e.To));

        IEnumerable<(string From, string To)> Back(List<string> nodes) =>
            from i in Enumerable.Range(0, nodes.Count)
            from j in Enumerable.Range(0, i)
            where weight(nodes[i], nodes[j]) > 0
            select (nodes[i], nodes[j]);
    }

    /// <summary>A shortest way along the edges; both ends included.</summary>
    public static IReadOnlyList<string> Way(string from, string to, IEnumerable<(string From, string To)> edges)
    {
        var next = edges.ToLookup(e => e.From, e => e.To);
        var ways = new Queue<string[]>([[from]]);
        var seen = new HashSet<string> { from };
        while (ways.TryDequeue(out var way))
        {
            if (way[^1] == to)
            {
                return way;
            }

            foreach (var node in next[way[^1]].Where(seen.Add))
            {
                ways.Enqueue([.. way, node]);
            }
        }

        return [];
    }
}

namespace CovidCxr.Learning.Duplicates;

/// <summary>Finds images of one film: equal pixels, and look-alikes (<see cref="LookalikeSearch"/>) that prove to be one.</summary>
static class SameFilms
{
    // Of a large group the first members stand for all.
    const int CoreSize = 8;

    /// <param name="areToldApart">Whether a person has seen that two are different films, by index.</param>
    /// <returns>For each image the number of its group; images of one film share it.</returns>
    public static int[] Of(IReadOnlyList<FilmAppearance> films, Func<int, int, bool>? areToldApart = null)
    {
        bool AreSame(int i, int j) => films[i].ShowsSameFilm(films[j]) && areToldApart?.Invoke(i, j) is not true;

        var groups = new DisjointSets(films.Count);
        groups.JoinEqual(i => films[i].PixelHash);
        // One of each equal pixels, in order.
        var distinct = Enumerable.Range(0, films.Count).DistinctBy(i => films[i].PixelHash).ToArray();
        var cores = distinct.ToDictionary(i => groups.Root(i), i => new List<int> { i });
        // About a millisecond a pair; of 100,000 films of strangers 300,000 pairs look alike.
        var same = LookalikeSearch.Among(Array.ConvertAll(distinct, i => films[i].Hash)).Found.AsParallel().AsOrdered()
            .Where(p => AreSame(distinct[p.First], distinct[p.Other])).ToList();
        foreach (var pair in same)
        {
            var (near, far) = (groups.Root(distinct[pair.First]), groups.Root(distinct[pair.Other]));
            if (near != far && AreMostly(AreSame, cores[near], cores[far]))
            {
                groups.Join(near, far);
                cores[near] = [.. cores[near].Concat(cores[far]).Take(CoreSize)];
            }
        }

        return groups.Numbers;
    }

    /// <summary>Of each of ours the nearest of theirs that shows the same film, where there is one.</summary>
    public static IReadOnlyDictionary<int, int> Twins(IReadOnlyList<FilmAppearance> ours, IReadOnlyList<FilmAppearance> theirs)
    {
        FilmAppearance[] all = [.. ours, .. theirs];
        return LookalikeSearch.Among(Array.ConvertAll(all, f => f.Hash)).Found
            .Where(p => p.First < ours.Count && p.Other >= ours.Count && all[p.First].ShowsSameFilm(all[p.Other]))
            .GroupBy(p => p.First).ToDictionary(g => g.Key, g => g.First().Other - ours.Count);
    }

    // One link is not enough: A may be B and B nearly C without A being C. More than half of all pairs across must be the same film.
    static bool AreMostly(Func<int, int, bool> areSame, List<int> one, List<int> other) =>
        2 * one.Sum(i => other.Count(j => areSame(i, j))) > one.Count * other.Count;
}

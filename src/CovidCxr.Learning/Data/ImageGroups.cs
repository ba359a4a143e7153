namespace CovidCxr.Learning.Data;

/// <summary>What decides which images belong together.</summary>
/// <param name="Source">The collection that it comes from.</param>
/// <param name="Name">Of the file, without folder and extension.</param>
readonly record struct ImageIdentity(string Patient, string Source, string Name, PerceptualHash Hash)
{
    public static ImageIdentity Of(PreparedImage image) =>
        new(image.File.Patient, image.File.Source, Path.GetFileNameWithoutExtension(image.File.Path), image.Hash);
}

/// <summary>
/// Joins images that must stay on one side of a split: union-find by patient, equal or near-equal pixels and, between collections that
/// borrow from each other, equal file name.
/// </summary>
static class ImageGroups
{
    // Of 101 equal names in the Cohen collection and in Ozturk's, 58 show nearly equal pixels, the rest another crop of the film, which no
    // hash finds; of strangers' films that are merely numbered alike one in ten thousand does.
    const double BorrowedShare = 0.25;

    /// <returns>For each image the number of its group; images of one group share it.</returns>
    public static int[] Of(IReadOnlyList<ImageIdentity> images)
    {
        var groups = new Groups(images.Count);
        groups.JoinEqual(i => images[i].Patient);
        foreach (var (first, other) in Borrowed(images))
        {
            groups.Join(first, other);
        }

        groups.JoinAlike(i => images[i].Hash);
        return groups.Numbers;
    }

    /// <summary>As <see cref="Of"/>, by equal or near-equal pixels alone.</summary>
    public static int[] Alike(IReadOnlyList<PerceptualHash> looks)
    {
        var groups = new Groups(looks.Count);
        groups.JoinAlike(i => looks[i]);
        return groups.Numbers;
    }

    // Pairs of one name that stands once in each of two collections. Names alone prove nothing ("1.png", "frontal.png"): they count where
    // enough of the pairs are seen to be the same film.
    static IEnumerable<(int First, int Other)> Borrowed(IReadOnlyList<ImageIdentity> images)
    {
        var pairs = from name in Enumerable.Range(0, images.Count).GroupBy(i => images[i].Name)
                    let single = (from source in name.GroupBy(i => images[i].Source)
                                  where source.Count() == 1
                                  select source.First()).ToList()
                    from first in single
                    from other in single
                    where first < other
                    select (First: first, Other: other);
        return pairs.GroupBy(p => (images[p.First].Source, images[p.Other].Source))
            .Where(collections => collections.Count(p => AreAlike(images[p.First], images[p.Other])) >= BorrowedShare * collections.Count())
            .SelectMany(collections => collections);
    }

    static bool AreAlike(ImageIdentity one, ImageIdentity other) => one.Hash.DistanceTo(other.Hash) <= PerceptualHash.DuplicateDistance;

    sealed class Groups(int count)
    {
        readonly int[] _parent = [.. Enumerable.Range(0, count)];

        public int[] Numbers => [.. Enumerable.Range(0, count).Select(Root)];

        public void JoinEqual(Func<int, string> of)
        {
            foreach (var group in Enumerable.Range(0, count).GroupBy(of))
            {
                var first = group.First();
                foreach (var member in group)
                {
                    Join(first, member);
                }
            }
        }

        public void JoinAlike(Func<int, PerceptualHash> of)
        {
            for (var i = 0; i < count; i++)
            {
                for (var j = 0; j < i; j++)
                {
                    if (of(i).DistanceTo(of(j)) <= PerceptualHash.DuplicateDistance)
                    {
                        Join(j, i);
                    }
                }
            }
        }

        public void Join(int first, int other) => _parent[Root(other)] = Root(first);

        int Root(int i)
        {
            while (_parent[i] != i)
            {
                i = _parent[i] = _parent[_parent[i]];
            }

            return i;
        }
    }
}

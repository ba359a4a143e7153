namespace CovidCxr.Learning.Data;

/// <summary>What decides which images belong together.</summary>
/// <param name="Name">Of the file, without folder and extension.</param>
readonly record struct ImageIdentity(string Patient, string Name, PerceptualHash Hash)
{
    public static ImageIdentity Of(PreparedImage image) => new(image.File.Patient, Path.GetFileNameWithoutExtension(image.File.Path), image.Hash);
}

/// <summary>Joins images that must stay on one side of a split: union-find by patient, equal or near-equal pixels and equal file name.</summary>
static class ImageGroups
{
    /// <returns>For each image the number of its group; images of one group share it.</returns>
    public static int[] Of(IReadOnlyList<ImageIdentity> images)
    {
        var groups = new Groups(images.Count);
        groups.JoinEqual(i => images[i].Patient);
        // The same file name in two collections is the same film, perhaps cropped.
        groups.JoinEqual(i => images[i].Name);
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

    sealed class Groups(int count)
    {
        readonly int[] parent = [.. Enumerable.Range(0, count)];

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

        void Join(int first, int other) => parent[Root(other)] = Root(first);

        int Root(int i)
        {
            while (parent[i] != i)
            {
                i = parent[i] = parent[parent[i]];
            }

            return i;
        }
    }
}

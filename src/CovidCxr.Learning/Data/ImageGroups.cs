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
        var parent = Enumerable.Range(0, images.Count).ToArray();
        int Root(int i)
        {
            while (parent[i] != i)
            {
                i = parent[i] = parent[parent[i]];
            }

            return i;
        }

        void Join(IEnumerable<int> members)
        {
            var first = -1;
            foreach (var member in members)
            {
                first = first < 0 ? Root(member) : first;
                parent[Root(member)] = first;
            }
        }

        var indices = Enumerable.Range(0, images.Count).ToList();
        indices.GroupBy(i => images[i].Patient).ToList().ForEach(g => Join(g));
        // The same file name in two collections is the same film, perhaps cropped.
        indices.GroupBy(i => images[i].Name).ToList().ForEach(g => Join(g));
        foreach (var i in indices)
        {
            for (var j = 0; j < i; j++)
            {
                if (images[i].Hash.DistanceTo(images[j].Hash) <= PerceptualHash.DuplicateDistance)
                {
                    Join([j, i]);
                }
            }
        }

        return [.. indices.Select(Root)];
    }
}

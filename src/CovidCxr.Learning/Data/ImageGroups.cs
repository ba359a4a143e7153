using CovidCxr.Learning.Duplicates;

namespace CovidCxr.Learning.Data;

/// <summary>What decides which images belong together.</summary>
/// <param name="Source">The collection that it comes from.</param>
/// <param name="Name">Of the file, without folder and extension.</param>
readonly record struct ImageIdentity(string Patient, string Source, string Name, FilmAppearance Film)
{
    public static ImageIdentity Of(PreparedImage image) =>
        new(image.File.Patient, image.File.Source, Path.GetFileNameWithoutExtension(image.File.Path), image.Appearance);
}

/// <summary>
/// Joins images that must stay on one side of a split: those of one patient, of one film (<see cref="SameFilms"/>) and, between
/// collections that borrow from each other, of equal file name.
/// </summary>
static class ImageGroups
{
    // Of 101 equal names in the Cohen collection and in Ozturk's, 75 are seen to show the same film, the rest another crop of it, which
    // nothing here finds; of strangers' films that are merely numbered alike hardly any is.
    const double BorrowedShare = 0.25;

    /// <param name="areToldApart">Whether a person has seen that two are different films, by index.</param>
    /// <returns>For each image the number of its group; images of one group share it.</returns>
    public static int[] Of(IReadOnlyList<ImageIdentity> images, Func<int, int, bool>? areToldApart = null)
    {
        var groups = new DisjointSets(images.Count);
        groups.JoinEqual(i => images[i].Patient);
        foreach (var (first, other) in Borrowed(images))
        {
            groups.Join(first, other);
        }

        var films = SameFilms.Of([.. images.Select(i => i.Film)], areToldApart);
        groups.JoinEqual(i => films[i]);
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
            .Where(collections =>
                collections.Count(p => images[p.First].Film.ShowsSameFilm(images[p.Other].Film)) >= BorrowedShare * collections.Count())
            .SelectMany(collections => collections);
    }
}

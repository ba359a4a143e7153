using CovidCxr.Learning.Data;

namespace CovidCxr.Laboratory.DataSets.Sources;

/// <summary>Which folder of an image's path is its class, and which one its part of a division that the collection brings along.</summary>
sealed class ClassFolders
{
    readonly Func<string[], string?> _classOf;

    ClassFolders(Func<string[], string?> classOf) => _classOf = classOf;

    /// <summary>Null for an image that lies in no class folder.</summary>
    public string? ClassOf(string path) => _classOf(Folders(path));

    /// <summary>Null where no folder names a part.</summary>
    public static DataPart? PartOf(string path) => Folders(path).Select(ImagePaths.DivisionOf).FirstOrDefault(p => p is not null);

    /// <param name="level">Counted from 1 at the top.</param>
    public static ClassFolders At(int level) => new(folders => level >= 1 && level <= folders.Length ? folders[level - 1] : null);

    /// <summary>
    /// The highest folders that differ. Where most images lie below `train`, `val` and `test`, these are no classes: what differs below
    /// them is, or above them where nothing lies below.
    /// </summary>
    public static ClassFolders Guess(IReadOnlyList<string> paths)
    {
        var all = paths.Select(Folders).ToList();
        var divided = all.FindAll(f => Division(f) >= 0);
        if (divided.Count * 2 <= all.Count)
        {
            var depth = Varying(all);
            return new(folders => folders.ElementAtOrDefault(depth));
        }

        var below = divided.ConvertAll(f => f[(Division(f) + 1)..]);
        if (below.Count(f => f.Length > 0) * 2 > below.Count)
        {
            var depth = Varying(below);
            return new(folders => Division(folders) is var at and >= 0 ? folders.ElementAtOrDefault(at + 1 + depth) : null);
        }

        var top = Varying(divided.ConvertAll(f => f[..Division(f)]));
        return new(folders => Division(folders) is var at && at > top ? folders[top] : null);
    }

    /// <summary>What stands at each level from the top, to choose from.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Levels(IReadOnlyList<string> paths)
    {
        var all = paths.Select(Folders).ToList();
        return
        [
            .. Enumerable.Range(0, all.Count == 0 ? 0 : all.Max(f => f.Length))
                .Select(l =>
                    (IReadOnlyList<string>)[.. all.Where(f => f.Length > l).GroupBy(f => f[l]).OrderByDescending(g => g.Count()).ThenBy(
                        g => g.Key, StringComparer.Ordinal).Select(g => g.Key)]),
        ];
    }

    static int Division(string[] folders) => Array.FindIndex(folders, f => ImagePaths.DivisionOf(f) is not null);

    // An archive of one folder that holds the class folders is meant like one of the class folders themselves; a stray image beside them
    // changes nothing.
    static int Varying(List<string[]> folders)
    {
        var depth = 0;
        while (folders.Count(f => f.Length > depth + 1) * 2 > folders.Count
            && folders.Where(f => f.Length > depth).Select(f => f[depth]).Distinct().Count() == 1)
        {
            depth++;
        }

        return depth;
    }

    static string[] Folders(string path) => path.Split('/')[..^1];
}

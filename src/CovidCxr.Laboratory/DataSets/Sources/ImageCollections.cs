using CovidCxr.Learning.Data;
using CovidCxr.Learning.Evaluation;

namespace CovidCxr.Laboratory.DataSets.Sources;

/// <summary>Which collection each image of an import comes from, as its folders say, and which lung mask belongs to it.</summary>
static class ImageCollections
{
    /// <param name="all">Every image file of the import, masks among them.</param>
    public static IReadOnlyList<PlannedImage> Assign(
        IReadOnlyList<PlannedImage> planned, IEnumerable<SourceFile> all, ImportMapping mapping)
    {
        var sources = planned.Select(i => SourceOf(i, mapping)).ToList();
        var differ = sources.Distinct(StringComparer.Ordinal).Count() > 1;
        var masks = Masks(all);
        return [.. planned.Zip(sources, (image, name) => image with
        {
            Source = differ && name.Length > 0 ? name : null,
            LungMask = MaskOf(image.File.Path, masks),
        })];
    }

    public static IEnumerable<string> Remarks(IReadOnlyList<PlannedImage> images)
    {
        var sources = images.GroupBy(i => i.Source ?? "").OrderBy(g => g.Key, StringComparer.Ordinal).ToList();
        if (sources.Count > 1)
        {
            var counts = sources.Select(s => $"{(s.Key.Length == 0 ? "without a folder" : s.Key)} {s.Count()}");
            yield return $"Folders name {sources.Count} collections: {string.Join(", ", counts)}.";
        }

        var masked = images.Count(i => i.LungMask is not null);
        if (masked > 0)
        {
            yield return $"{masked} images bring their lung masks along, from folders named {LungMasks.Folder}.";
        }
    }

    // A table's images lie in folders that mean anything: patients, parts of an archive. There a person says which one is a collection.
    static string SourceOf(PlannedImage image, ImportMapping mapping)
    {
        var folders = image.File.Path.Split('/')[..^1];
        if (mapping.SourceLevel is { } level)
        {
            return folders.ElementAtOrDefault(level - 1) ?? "";
        }

        var above = mapping.Table is null ? folders.Take(Array.IndexOf(folders, image.Class)) : [];
        return string.Join('/', above.Where(f => ImagePaths.DivisionOf(f) is null));
    }

    // By the folder that holds the masks' folder, and the name.
    static Dictionary<(string Folder, string Name), SourceFile> Masks(IEnumerable<SourceFile> all)
    {
        var masks = new Dictionary<(string, string), SourceFile>();
        foreach (var file in all)
        {
            var folders = file.Path.Split('/')[..^1];
            if (folders.Length > 0 && folders[^1] == LungMasks.Folder)
            {
                masks.TryAdd((string.Join('/', folders[..^1]), Path.GetFileNameWithoutExtension(file.Path)), file);
            }
        }

        return masks;
    }

    // In the nearest folder above the image that has a folder of masks.
    static SourceFile? MaskOf(string path, Dictionary<(string, string), SourceFile> masks)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        var folders = path.Split('/')[..^1];
        return masks.Count == 0 ? null : Enumerable.Range(0, folders.Length + 1).Reverse()
            .Select(depth => masks.GetValueOrDefault((string.Join('/', folders[..depth]), name))).FirstOrDefault(m => m is not null);
    }
}

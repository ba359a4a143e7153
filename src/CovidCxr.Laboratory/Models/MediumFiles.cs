using CovidCxr.Imaging.Dicom;

namespace CovidCxr.Laboratory.Models;

/// <summary>The films of a CD or folder, by the DICOMDIR that a person names in their place.</summary>
static class MediumFiles
{
    // Links are not followed: what a directory names lies below its own folder.
    static readonly EnumerationOptions Below = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = 16,
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = true,
    };

    /// <returns>The file itself where it is no directory. A film that is not there has a reason instead.</returns>
    public static IReadOnlyList<(string Path, string? Missing)> Of(string path)
    {
        try
        {
            return Named(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [(path, e.Message)];
        }
    }

    static List<(string Path, string? Missing)> Named(string path)
    {
        if (!Path.GetFileName(path).Equals("DICOMDIR", StringComparison.OrdinalIgnoreCase) || !File.Exists(path)
            || new FileInfo(path).Length > MediaDirectory.MaxBytes
            || MediaDirectory.Read(File.ReadAllBytes(path), CancellationToken.None) is not { } directory)
        {
            return [(path, null)];
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var places = Directory.EnumerateFiles(folder, "*", Below)
            .GroupBy(f => MediaDirectory.Normalise(Path.GetRelativePath(folder, f)) ?? "").ToDictionary(g => g.Key, g => g.First());
        return
        [
            .. directory.Where(f => f.Kind is null).Select(f =>
                f.Path is null ? (path, "The directory names no place on the medium.")
                : places.TryGetValue(f.Path, out var place) || places.TryGetValue(f.Path + ".DCM", out place) ? (place, null)
                : (Path.Combine(folder, f.Path), (string?)"The directory names this film, and it is not on the medium.")),
        ];
    }
}

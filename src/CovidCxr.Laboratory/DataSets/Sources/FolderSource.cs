using System.IO.Enumeration;

namespace CovidCxr.Laboratory.DataSets.Sources;

/// <summary>A folder below the root of the server's data folders. Links in it are not followed.</summary>
sealed class FolderSource : ImageSource
{
    // What cannot be entered is said, not passed over.
    static readonly EnumerationOptions Everything =
        new() { RecurseSubdirectories = true, IgnoreInaccessible = false, AttributesToSkip = FileAttributes.System };

    // By the path as an import knows it: the name on disk, which may be written otherwise.
    readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    readonly string _folder;
    readonly ArchiveLimits _limits;
    int _links;

    /// <exception cref="ImportRefusedException">There is no such folder, or it holds too much.</exception>
    public FolderSource(string folder, ArchiveLimits limits)
    {
        (_folder, _limits) = (folder, limits);
        if (!Directory.Exists(folder))
        {
            throw new ImportRefusedException("There is no such folder.");
        }

        var ignored = new List<string>();
        var files = new List<SourceFile>();
        foreach (var file in FilesBelow(folder))
        {
            var name = Path.GetRelativePath(folder, file.FullName);
            var path = SourceNames.Relative(name);
            var kind = SourceNames.KindOf(path);
            if (kind is SourceKind.Litter or SourceKind.Foreign)
            {
                Litter += kind == SourceKind.Litter ? 1 : 0;
                ignored.AddRange(kind == SourceKind.Foreign ? [path] : []);
                continue;
            }

            if (!_names.TryAdd(SourceNames.Check(path), name))
            {
                throw new ImportRefusedException(
                    "Two files of the folder have the same name but for how its accents or slashes are written.");
            }

            files.Add(new(path, file.Length));
        }

        Files = [.. files.OrderBy(f => f.Path, StringComparer.Ordinal)];
        Ignored = [.. ignored.Order(StringComparer.Ordinal)];
    }

    public override IReadOnlyList<string> Remarks => _links > 0 ? [$"{_links} links are not followed."] : [];

    public override IReadOnlyList<SourceFile> Files { get; }

    public override IReadOnlyList<string> Ignored { get; }

    public override int Litter { get; }

    List<FileInfo> FilesBelow(string folder)
    {
        try
        {
            return [.. new FileSystemEnumerable<FileInfo>(
                folder, (ref FileSystemEntry entry) => (FileInfo)entry.ToFileSystemInfo(), Everything)
            {
                ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && !IsLink(ref entry),
                ShouldRecursePredicate = (ref FileSystemEntry entry) => !IsLink(ref entry),
            }];
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ImportRefusedException("A folder in it cannot be read. Let the program read it, or take it away.", e);
        }
    }

    bool IsLink(ref FileSystemEntry entry)
    {
        var isLink = entry.Attributes.HasFlag(FileAttributes.ReparsePoint);
        _links += isLink ? 1 : 0;
        return isLink;
    }

    public override byte[] Read(SourceFile file)
    {
        if (file.Bytes > _limits.MaxFileBytes)
        {
            throw new ImportRefusedException($"A file of the folder is larger than {_limits.MaxFileBytes >> 20} MB.");
        }

        try
        {
            return File.ReadAllBytes(Path.Combine(_folder, _names[file.Path]));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImportRefusedException("A file of the folder cannot be read.", e);
        }
    }
}

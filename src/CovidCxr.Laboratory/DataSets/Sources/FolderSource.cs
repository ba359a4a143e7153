namespace CovidCxr.Laboratory.DataSets.Sources;

/// <summary>A folder below the root of the server's data folders. Links in it are not followed.</summary>
sealed class FolderSource : ImageSource
{
    static readonly EnumerationOptions Everything = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.System,
    };

    readonly string folder;
    readonly ArchiveLimits limits;

    /// <exception cref="ImportRefusedException">There is no such folder, or it holds too much.</exception>
    public FolderSource(string folder, ArchiveLimits limits)
    {
        (this.folder, this.limits) = (folder, limits);
        if (!Directory.Exists(folder))
        {
            throw new ImportRefusedException("There is no such folder.");
        }

        var files = new DirectoryInfo(folder).EnumerateFiles("*", Everything)
            .Select(f => new SourceFile(SourceNames.Check(Path.GetRelativePath(folder, f.FullName)), f.Length)).OrderBy(f => f.Path, StringComparer.Ordinal).ToList();
        Files = [.. files.Where(f => SourceNames.IsImage(f.Path) || SourceNames.IsTable(f.Path))];
        Ignored = [.. files.Select(f => f.Path).Where(p => !SourceNames.IsImage(p) && !SourceNames.IsTable(p))];
    }

    public override IReadOnlyList<SourceFile> Files { get; }

    public override IReadOnlyList<string> Ignored { get; }

    public override byte[] Read(SourceFile file)
    {
        if (file.Bytes > limits.MaxFileBytes)
        {
            throw new ImportRefusedException($"A file of the folder is larger than {limits.MaxFileBytes >> 20} MB.");
        }

        try
        {
            return File.ReadAllBytes(Path.Combine(folder, file.Path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImportRefusedException("A file of the folder cannot be read.", e);
        }
    }
}

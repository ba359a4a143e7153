using CovidCxr.Storage.Files;

namespace CovidCxr.Storage.Backups;

/// <summary>What goes into a backup beside the database, under which name, and where each of it belongs when it is restored.</summary>
/// <param name="auditFolder">Where the audit trail's key lies, if not in the data folder's keys; else empty.</param>
sealed class BackupScope(DataFolder folder, string auditFolder)
{
    const string Audit = "audit/", OfTrail = "audit-";

    readonly string _audit = auditFolder.Length == 0 || IsIn(auditFolder, folder.Keys) ? "" : auditFolder;

    public static bool IsOfAudit(BackupFile file) => file.Path.StartsWith(Audit, StringComparison.Ordinal);

    /// <summary>
    /// Whether a manifest may name it: by no way around, and in the trail's own folder never the key. A list of a damaged one may hold
    /// nothing in place of a file.
    /// </summary>
    public static bool IsRightlyNamed(BackupFile? file) =>
        file is not null && !file.Path.Contains('\0') && file.Path.Split('/', '\\').All(p => p is not ("" or "." or ".."))
        && (!IsOfAudit(file) || file.Path.StartsWith(Audit + OfTrail, StringComparison.Ordinal));

    /// <summary>What goes away when it comes into the database.</summary>
    public IEnumerable<(string Path, string Name)> Passing() => Received()
        .Concat(new[] { folder.AuditSpill }.Where(File.Exists).Select(f => (f, NameOf(f))));

    /// <summary>What stays, and what passes once more: some of it has come since.</summary>
    public IEnumerable<(string Path, string Name)> Staying() => Received()
        .Concat(new[] { folder.Blobs, folder.Models, folder.DataSets, folder.Runs, folder.Keys }.SelectMany(FilesIn))
        .Concat(AuditFiles());

    /// <summary>Where a file of a backup belongs.</summary>
    public string PlaceOf(BackupFile file) =>
        IsOfAudit(file) ? BackupFiles.PathIn(_audit, file.Path[Audit.Length..]) : BackupFiles.PathIn(folder.Root, file.Path);

    /// <summary>The files of the trail's folder that a restore has to write, which is not over another trail.</summary>
    /// <exception cref="BackupException">Another trail is there, or no place is named.</exception>
    public async Task<IReadOnlyList<BackupFile>> MissingOfAuditAsync(BackupManifest manifest, CancellationToken cancellation)
    {
        var files = manifest.Files.Where(IsOfAudit).ToDictionary(f => f.Path, StringComparer.Ordinal);
        if (files.Count == 0)
        {
            return [];
        }

        if (_audit.Length == 0)
        {
            throw new BackupException(
                "The backup holds files of the audit trail's own folder: name in Audit:Folder where they go, or add --keep-audit to leave "
                    + "them out.");
        }

        foreach (var (path, name) in Directory.Exists(_audit) ? AuditFiles() : [])
        {
            if (!files.Remove(name, out var file) || await BackupFiles.HashAsync(path, name, null, cancellation) != file)
            {
                throw new BackupException(
                    $"{_audit} holds another audit trail than the backup, and perhaps a longer one ({name[Audit.Length..]}). "
                        + "Add --keep-audit to leave it as it is, or move what is in it away, but not audit.key, and restore again.");
            }
        }

        return [.. files.Values];
    }

    // All that the trail keeps beside its key begins so; the key itself is audit.key. The list of archives comes before the archives: what
    // it names is there. It comes after the database: entries leave the database when they stand in an archive.
    IEnumerable<(string Path, string Name)> AuditFiles()
    {
        if (_audit.Length == 0)
        {
            return [];
        }

        return Directory.Exists(_audit)
            ? Directory.EnumerateFiles(_audit, OfTrail + "*")
                .Concat(Directory.EnumerateDirectories(_audit, OfTrail + "*").SelectMany(d => Directory.EnumerateFiles(d)))
                .Where(IsWhole).Select(f => (f, Audit + Path.GetRelativePath(_audit, f).Replace(Path.DirectorySeparatorChar, '/')))
            : throw new BackupException($"The audit trail's folder {_audit} (Audit:Folder) is not there. Is it mounted?");
    }

    IEnumerable<(string Path, string Name)> Received() => FilesIn(folder.Received);

    IEnumerable<(string Path, string Name)> FilesIn(string path) => Directory.Exists(path)
        ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(IsWhole).Select(f => (f, NameOf(f)))
        : [];

    // The last is what a restore leaves that was killed.
    static bool IsWhole(string path) =>
        !path.EndsWith(".tmp", StringComparison.Ordinal) && !path.EndsWith(".lock", StringComparison.Ordinal)
        && !path.EndsWith(Backup.Unfinished, StringComparison.Ordinal);

    string NameOf(string path) => Path.GetRelativePath(folder.Root, path).Replace(Path.DirectorySeparatorChar, '/');

    static bool IsIn(string path, string parent) => !Path.GetRelativePath(parent, path).StartsWith("..", StringComparison.Ordinal)
        && !Path.IsPathRooted(Path.GetRelativePath(parent, path));
}

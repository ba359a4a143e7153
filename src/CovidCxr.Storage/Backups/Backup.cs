using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using CovidCxr.Storage.Files;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Storage.Backups;

/// <summary>
/// Copies of the data folder as it was at one moment, made while the program works. The database first: its rows name only files that were
/// on the disk before them and never change. Then the files. What was received goes away when it is filed: it is copied before as well.
/// </summary>
/// <param name="cipher">Encrypts backups, and opens those that are encrypted; null for none.</param>
public sealed class Backup(
    IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, TimeProvider time, BackupCipher? cipher = null)
{
    const string Unfinished = ".unfinished", Database = "covidcxr.db";

    static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Makes a backup in a new folder named by the time.</summary>
    /// <returns>The folder.</returns>
    /// <exception cref="BackupException">It could not be made; nothing of it is left.</exception>
    public async Task<(string Place, BackupManifest Manifest)> MakeAsync(string parent, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var place = Path.Combine(parent, now.UtcDateTime.ToString("yyyy-MM-dd'T'HHmmss'Z'", CultureInfo.InvariantCulture));
        var unfinished = place + Unfinished;
        if (Directory.Exists(place))
        {
            throw new BackupException($"There is a backup {place} already.");
        }

        try
        {
            RemoveUnfinished(parent);
            Copy.RemoveLeft(folder.Root);
            BackupFiles.CreateFolder(unfinished);
            var manifest = await FillAsync(unfinished, now, cancellation);
            await WriteManifestAsync(unfinished, manifest, cancellation);
            Directory.Move(unfinished, place);
            return (place, manifest);
        }
        catch (Exception e)
        {
            if (Directory.Exists(unfinished))
            {
                Directory.Delete(unfinished, recursive: true);
            }

            if (e is IOException or UnauthorizedAccessException or SqliteException)
            {
                throw new BackupException($"The backup could not be made in {parent}: {e.Message}", e);
            }

            throw;
        }
    }

    /// <summary>Looks at every byte of a backup, and at whether its database opens and its studies have their images.</summary>
    /// <param name="takesPlain">Whether one that is not encrypted is taken too where a key is set.</param>
    /// <exception cref="BackupException">It is not whole, or not encrypted.</exception>
    public async Task<BackupManifest> VerifyAsync(string place, bool takesPlain, CancellationToken cancellation)
    {
        var (manifest, opened) = await ReadManifestAsync(place, takesPlain, cancellation);
        foreach (var file in manifest.Files)
        {
            var path = PathOf(place, file.Path);
            if (!File.Exists(path) || await BackupFiles.HashAsync(path, file.Path, opened, cancellation) != file)
            {
                throw new BackupException(
                    $"The backup {place} is damaged: {file.Path} is missing or is not what was written. Use another.");
            }
        }

        using var readable = await ReadableAsync(place, opened, cancellation);
        await using var db = Open(readable.Path);
        var check = db.Database.SqlQuery<string>($"SELECT integrity_check AS Value FROM pragma_integrity_check");
        if (await check.FirstAsync(cancellation) != "ok")
        {
            throw new BackupException($"The backup {place} is damaged: its database does not hold together. Use another.");
        }

        var counted = await CountAsync(db, manifest.MadeAt, manifest.Files, cancellation);
        return (counted.Studies, counted.Readings, counted.AuditEntries, counted.LostImages)
            == (manifest.Studies, manifest.Readings, manifest.AuditEntries, manifest.LostImages)
                ? manifest
                : throw new BackupException(
                    $"The backup {place} is damaged: its database holds other rows than were written. Use another.");
    }

    /// <summary>Puts a backup that was verified into the data folder, which must be without a database.</summary>
    /// <param name="takesPlain">Whether one that is not encrypted is taken too where a key is set.</param>
    /// <exception cref="BackupException">The backup is not whole or not encrypted, or there is a database.</exception>
    public async Task<BackupManifest> RestoreAsync(string place, bool takesPlain, CancellationToken cancellation)
    {
        if (File.Exists(folder.Database) || Directory.Exists(folder.Blobs))
        {
            throw new BackupException(
                $"The data folder {folder.Root} holds data. Stop the program, move the folder away, and restore into an empty one.");
        }

        var manifest = await VerifyAsync(place, takesPlain, cancellation);
        var opened = (await ReadManifestAsync(place, takesPlain, cancellation)).Cipher;
        // The database last and under its name at once: what is restored in part is taken for nothing.
        foreach (var file in manifest.Files.OrderBy(f => f.Path == Database))
        {
            var target = PathOf(folder.Root, file.Path) + (file.Path == Database ? Unfinished : "");
            if (await CopiedAsync(PathOf(place, file.Path), target, file, opened, cancellation) != file)
            {
                throw new BackupException($"{file.Path} came out otherwise than it is in the backup: the disk may be failing.");
            }
        }

        File.Move(folder.Database + Unfinished, folder.Database);
        return manifest;
    }

    /// <summary>The backups in a folder, the newest first.</summary>
    public static IReadOnlyList<(string Place, DateTimeOffset MadeAt)> In(string parent) => Directory.Exists(parent)
        ?
        [
            .. Directory.EnumerateDirectories(parent).Where(d => File.Exists(Path.Combine(d, BackupManifest.FileName)))
                .Select(d => (d, DateTimeOffset.TryParseExact(
                    Path.GetFileName(d), "yyyy-MM-dd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
                    ? at
                    : DateTimeOffset.MinValue))
                .Where(d => d.Item2 > DateTimeOffset.MinValue).OrderByDescending(d => d.Item2),
        ]
        : [];

    static async Task<BackupFile> CopiedAsync(
        string from, string to, BackupFile file, BackupCipher? opened, CancellationToken cancellation)
    {
        try
        {
            return await (opened is null
                ? BackupFiles.CopyAsync(from, to, file.Path, cancellation)
                : BackupFiles.DecryptAsync(from, to, file.Path, opened, cancellation));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BackupException($"The restore broke off: {e.Message} Empty the data folder, and restore again.", e);
        }
    }

    async Task<BackupManifest> FillAsync(string place, DateTimeOffset now, CancellationToken cancellation)
    {
        List<BackupFile> files = [];
        await AddAsync(files, place, [folder.Received], cancellation);
        // Where it is encrypted, its plain copy never lies where backups lie.
        using var copy = cipher is null ? new Copy(Path.Combine(place, Database), null) : Copy.In(folder.Root);
        await using (var db = await contexts.CreateDbContextAsync(cancellation))
        {
            await DatabaseCopy.MakeAsync(db, copy.Path, cancellation);
        }

        files.Add(cipher is null
            ? await BackupFiles.HashAsync(copy.Path, Database, null, cancellation)
            : await BackupFiles.EncryptAsync(copy.Path, Path.Combine(place, Database), Database, cipher, cancellation));
        await AddAsync(
            files, place, [folder.Received, folder.Blobs, folder.Models, folder.DataSets, folder.Runs, folder.Keys], cancellation);
        await using var read = Open(copy.Path);
        return await CountAsync(read, now, files, cancellation);
    }

    /// <summary>Copies what is not copied yet.</summary>
    async Task AddAsync(List<BackupFile> files, string place, IEnumerable<string> folders, CancellationToken cancellation)
    {
        var copied = files.Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var source in folders.Where(Directory.Exists)
            .SelectMany(d => Directory.EnumerateFiles(d, "*", SearchOption.AllDirectories))
            .Where(f => !f.EndsWith(".tmp", StringComparison.Ordinal)))
        {
            var name = Path.GetRelativePath(folder.Root, source).Replace(Path.DirectorySeparatorChar, '/');
            if (copied.Contains(name))
            {
                continue;
            }

            try
            {
                files.Add(await (cipher is null
                    ? BackupFiles.CopyAsync(source, PathOf(place, name), name, cancellation)
                    : BackupFiles.EncryptAsync(source, PathOf(place, name), name, cipher, cancellation)));
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                // Gone since it was listed, as a refused upload's file is, and a received one that was filed.
            }
        }
    }

    static async Task<BackupManifest> CountAsync(
        CovidCxrDbContext db, DateTimeOffset madeAt, IReadOnlyList<BackupFile> files, CancellationToken cancellation)
    {
        var names = files.Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
        var keys = await db.AllStudies.Select(s => s.ImageKey).ToListAsync(cancellation);
        return new(
            madeAt, (await db.Database.GetAppliedMigrationsAsync(cancellation)).LastOrDefault() ?? "none", keys.Count,
            await db.Readings.CountAsync(cancellation), await db.Audit.CountAsync(cancellation),
            keys.Count(k => !names.Contains($"blobs/{k[..2]}/{k}")), files);
    }

    // Without the log beside it and without a write: a verified backup is the one that was made.
    static CovidCxrDbContext Open(string file)
    {
        var options = new DbContextOptionsBuilder<CovidCxrDbContext>();
        var connection = new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false };
        options.UseSqlite(connection.ToString());
        return new(options.Options);
    }

    static string PathOf(string root, string name)
    {
        var path = Path.GetFullPath(Path.Combine(root, name));
        return path.StartsWith(Path.GetFullPath(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new BackupException("The backup names a file outside of itself.");
    }

    static void RemoveUnfinished(string parent)
    {
        foreach (var left in Directory.Exists(parent) ? Directory.GetDirectories(parent, "*" + Unfinished) : [])
        {
            Directory.Delete(left, recursive: true);
        }
    }

    async Task WriteManifestAsync(string place, BackupManifest manifest, CancellationToken cancellation)
    {
        await using var file = new FileStream(Path.Combine(place, BackupManifest.FileName), FileMode.CreateNew);
        using var words = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(manifest, Json));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await (cipher?.EncryptAsync(words, file, BackupManifest.FileName, hash, cancellation) ?? words.CopyToAsync(file, cancellation));
        file.Flush(flushToDisk: true);
    }

    /// <returns>The manifest, and what opens the backup's files; null where they are as they were.</returns>
    async Task<(BackupManifest Manifest, BackupCipher? Cipher)> ReadManifestAsync(
        string place, bool takesPlain, CancellationToken cancellation)
    {
        var path = Path.Combine(place, BackupManifest.FileName);
        try
        {
            var opened = BackupCipher.IsEncrypted(path)
                ? cipher ?? throw new BackupException($"The backup {place} is encrypted: name the file of its key in Backups:KeyFile.")
                : null;
            if (opened is null && cipher is not null && !takesPlain)
            {
                // Whoever can write where backups lie could put a database of their own there.
                throw new BackupException(
                    $"The backup {place} is not encrypted, and Backups:KeyFile names a key: somebody else may have put it there. "
                        + "Where it is yours, from before there was a key, add --plain.");
            }

            await using var file = File.OpenRead(path);
            using var words = new MemoryStream();
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await (opened?.DecryptAsync(file, words, BackupManifest.FileName, hash, cancellation) ?? file.CopyToAsync(words, cancellation));
            words.Position = 0;
            return (await JsonSerializer.DeserializeAsync<BackupManifest>(words, Json, cancellation) ?? throw new JsonException(), opened);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new BackupException($"There is no whole backup in {place}: its {BackupManifest.FileName} is missing or damaged.", e);
        }
    }

    // SQLite reads files only.
    async Task<Copy> ReadableAsync(string place, BackupCipher? opened, CancellationToken cancellation)
    {
        if (opened is null)
        {
            return new(Path.Combine(place, Database), null);
        }

        var copy = Copy.In(folder.Root);
        try
        {
            await BackupFiles.DecryptAsync(Path.Combine(place, Database), copy.Path, Database, opened, cancellation);
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>A database as a file: of a backup, or for a while in a folder that nobody else may enter.</summary>
    sealed record Copy(string Path, string? Folder) : IDisposable
    {
        public static Copy In(string parent)
        {
            var folder = System.IO.Path.Combine(parent, $"backup-{Guid.NewGuid():N}.tmp");
            BackupFiles.CreateFolder(folder);
            return new(System.IO.Path.Combine(folder, Database), folder);
        }

        // Of a process that was killed.
        public static void RemoveLeft(string parent)
        {
            foreach (var left in Directory.GetDirectories(parent, "backup-*.tmp"))
            {
                Directory.Delete(left, recursive: true);
            }
        }

        public void Dispose()
        {
            if (Folder is not null)
            {
                Directory.Delete(Folder, recursive: true);
            }
        }
    }
}

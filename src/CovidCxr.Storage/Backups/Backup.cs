using System.Globalization;
using System.Text.Json;
using CovidCxr.Storage.Files;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Storage.Backups;

/// <summary>
/// Copies of the data folder as it was at one moment, made while the program works. The database first: its rows name only files that were
/// on the disk before them and never change. Then the files. What was received goes away when it is filed: it is copied before as well.
/// </summary>
public sealed class Backup(IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, TimeProvider time)
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
    /// <exception cref="BackupException">It is not whole.</exception>
    public static async Task<BackupManifest> VerifyAsync(string place, CancellationToken cancellation)
    {
        var manifest = await ReadManifestAsync(place, cancellation);
        foreach (var file in manifest.Files)
        {
            var path = PathOf(place, file.Path);
            if (!File.Exists(path) || await BackupFiles.HashAsync(path, file.Path, cancellation) != file)
            {
                throw new BackupException(
                    $"The backup {place} is damaged: {file.Path} is missing or is not what was written. Use another.");
            }
        }

        await using var db = Open(Path.Combine(place, Database));
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
    /// <exception cref="BackupException">The backup is not whole, or there is a database.</exception>
    public async Task<BackupManifest> RestoreAsync(string place, CancellationToken cancellation)
    {
        if (File.Exists(folder.Database) || Directory.Exists(folder.Blobs))
        {
            throw new BackupException(
                $"The data folder {folder.Root} holds data. Stop the program, move the folder away, and restore into an empty one.");
        }

        var manifest = await VerifyAsync(place, cancellation);
        // The database last and under its name at once: what is restored in part is taken for nothing.
        foreach (var file in manifest.Files.OrderBy(f => f.Path == Database))
        {
            var target = PathOf(folder.Root, file.Path) + (file.Path == Database ? Unfinished : "");
            if (await CopiedAsync(PathOf(place, file.Path), target, file, cancellation) != file)
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

    static async Task<BackupFile> CopiedAsync(string from, string to, BackupFile file, CancellationToken cancellation)
    {
        try
        {
            return await BackupFiles.CopyAsync(from, to, file.Path, cancellation);
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
        var copy = Path.Combine(place, Database);
        await using (var db = await contexts.CreateDbContextAsync(cancellation))
        {
            await DatabaseCopy.MakeAsync(db, copy, cancellation);
        }

        files.Add(await BackupFiles.HashAsync(copy, Database, cancellation));
        await AddAsync(
            files, place, [folder.Received, folder.Blobs, folder.Models, folder.DataSets, folder.Runs, folder.Keys], cancellation);
        await using var read = Open(copy);
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
                files.Add(await BackupFiles.CopyAsync(source, PathOf(place, name), name, cancellation));
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

    static async Task WriteManifestAsync(string place, BackupManifest manifest, CancellationToken cancellation)
    {
        await using var file = new FileStream(Path.Combine(place, BackupManifest.FileName), FileMode.CreateNew);
        await JsonSerializer.SerializeAsync(file, manifest, Json, cancellation);
        file.Flush(flushToDisk: true);
    }

    static async Task<BackupManifest> ReadManifestAsync(string place, CancellationToken cancellation)
    {
        try
        {
            await using var file = File.OpenRead(Path.Combine(place, BackupManifest.FileName));
            return await JsonSerializer.DeserializeAsync<BackupManifest>(file, Json, cancellation) ?? throw new JsonException();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new BackupException($"There is no whole backup in {place}: its {BackupManifest.FileName} is missing or damaged.", e);
        }
    }
}

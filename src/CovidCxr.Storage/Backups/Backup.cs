using System.Globalization;
using System.Text.Json;
using CovidCxr.Storage.Files;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Storage.Backups;

/// <param name="TakesPlain">One that is not encrypted is taken too where a key is set.</param>
/// <param name="KeepsAudit">The audit trail's own folder stays as it is, and what the backup has of it is left out.</param>
public sealed record RestoreChoice(bool TakesPlain = false, bool KeepsAudit = false);

/// <summary>
/// Copies of the data folder as it was at one moment, made while the program works. The database first: its rows name only files that were
/// on the disk before them and never change. Then the files. What goes away when it comes into the database is copied before as well.
/// </summary>
/// <param name="cipher">Encrypts backups, and opens those that are encrypted; null for none.</param>
/// <param name="auditFolder">Where the audit trail's key lies, if not in the data folder; the key alone goes into no backup then.</param>
public sealed class Backup(
    IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, TimeProvider time, BackupCipher? cipher = null,
    string auditFolder = "")
{
    internal const string Unfinished = ".unfinished";

    const string Database = "covidcxr.db", NameFormat = "yyyy-MM-dd'T'HHmmss'Z'";

    static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    readonly BackupScope _scope = new(folder, auditFolder);

    /// <summary>Makes a backup in a new folder named by the time.</summary>
    /// <returns>The folder.</returns>
    /// <exception cref="BackupException">It could not be made; nothing of it is left.</exception>
    public async Task<(string Place, BackupManifest Manifest)> MakeAsync(string parent, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var place = Path.Combine(parent, now.UtcDateTime.ToString(NameFormat, CultureInfo.InvariantCulture));
        try
        {
            PrivateFiles.CreateFolder(parent);
            using var turn = TakeTurn(parent);
            if (Directory.Exists(place))
            {
                throw new BackupException($"There is a backup {place} already.");
            }

            PlainDatabase.RemoveLeft(folder.Root);
            return (place, await MakeAsync(place, now, cancellation));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException)
        {
            throw new BackupException($"The backup could not be made in {parent}: {e.Message}", e);
        }
    }

    // What SQLite's file holds is copied and put back here; a server has its own ways.
    static void NeedFile(CovidCxrDbContext db)
    {
        if (db.IsPostgreSql)
        {
            throw new BackupException(
                "The database is PostgreSQL's (Storage:Provider), and `backup` and `restore` are for SQLite alone. Dump it with pg_dump, "
                    + "then copy the data folder; restore with pg_restore, then put the folder back.");
        }
    }

    async Task<BackupManifest> MakeAsync(string place, DateTimeOffset now, CancellationToken cancellation)
    {
        var unfinished = place + Unfinished;
        try
        {
            RemoveUnfinished(Path.GetDirectoryName(place)!);
            PrivateFiles.CreateFolder(unfinished);
            var manifest = await FillAsync(unfinished, now, cancellation);
            await BackupFiles.IntoAsync(
                JsonSerializer.SerializeToUtf8Bytes(manifest, Json), Path.Combine(unfinished, BackupManifest.FileName),
                BackupManifest.FileName, cipher, cancellation);
            Directory.Move(unfinished, place);
            return manifest;
        }
        catch
        {
            if (Directory.Exists(unfinished))
            {
                Directory.Delete(unfinished, recursive: true);
            }

            throw;
        }
    }

    /// <summary>Looks at every byte of a backup, and at whether its database opens and its studies have their images.</summary>
    /// <exception cref="BackupException">It is not whole, not encrypted, or cannot be read.</exception>
    public async Task<BackupManifest> VerifyAsync(string place, RestoreChoice choice, CancellationToken cancellation) =>
        (await LookAsync(place, choice, cancellation)).Manifest;

    /// <summary>Puts a backup that was verified into the data folder, which must be without a database.</summary>
    /// <exception cref="BackupException">
    /// The backup is not whole, not encrypted or cannot be read; there is a database, or another audit trail in a folder of its own; or
    /// the data folder takes no more.
    /// </exception>
    public async Task<BackupManifest> RestoreAsync(string place, RestoreChoice choice, CancellationToken cancellation)
    {
        await using (var db = await contexts.CreateDbContextAsync(cancellation))
        {
            NeedFile(db);
        }

        if (File.Exists(folder.Database) || Directory.Exists(folder.Blobs))
        {
            throw new BackupException(
                $"The data folder {folder.Root} holds data. Stop the program, move the folder away, and restore into an empty one.");
        }

        var (manifest, opened) = await LookAsync(place, choice, cancellation);
        try
        {
            var audit = choice.KeepsAudit ? [] : await _scope.MissingOfAuditAsync(manifest, cancellation);
            // The database last: what is restored in part is taken for nothing.
            foreach (var file in manifest.Files.Where(f => !BackupScope.IsOfAudit(f)).Concat(audit).OrderBy(f => f.Path == Database))
            {
                await RestoreAsync(place, file, opened, cancellation);
            }

            return manifest;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BackupException($"The restore broke off: {e.Message} Empty the data folder, and restore again.", e);
        }
    }

    /// <summary>
    /// The backups in a folder, the newest first. One of later than now, when a clock ran ahead, is none until then: it would be the newest
    /// and keep the next from being made.
    /// </summary>
    public static IReadOnlyList<(string Place, DateTimeOffset MadeAt)> In(string parent, DateTimeOffset now) => Directory.Exists(parent)
        ?
        [
            .. Directory.EnumerateDirectories(parent).Where(d => File.Exists(Path.Combine(d, BackupManifest.FileName)))
                .Select(d => (Place: d, MadeAt: MadeAt(Path.GetFileName(d)))).Where(d => d.MadeAt <= now)
                .Select(d => (d.Place, d.MadeAt!.Value)).OrderByDescending(d => d.Value),
        ]
        : [];

    /// <returns>The time that a backup is named by; null where the name is of something else.</returns>
    static DateTimeOffset? MadeAt(string name) => DateTimeOffset.TryParseExact(
        name, NameFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    // Under its name once it is whole.
    async Task RestoreAsync(string place, BackupFile file, BackupCipher? opened, CancellationToken cancellation)
    {
        var target = _scope.PlaceOf(file);
        var unfinished = target + Unfinished;
        if (await BackupFiles.OutOfAsync(BackupFiles.PathIn(place, file.Path), unfinished, file.Path, opened, cancellation) != file)
        {
            throw new BackupException($"{file.Path} came out otherwise than it is in the backup: the disk may be failing.");
        }

        File.Move(unfinished, target);
    }

    async Task<BackupManifest> FillAsync(string place, DateTimeOffset now, CancellationToken cancellation)
    {
        List<BackupFile> files = [];
        await AddAsync(files, place, _scope.Passing(), cancellation);
        // Where it is encrypted, its plain copy never lies where backups lie.
        using var copy = cipher is null ? PlainDatabase.At(Path.Combine(place, Database)) : PlainDatabase.Within(folder.Root);
        await using (var db = await contexts.CreateDbContextAsync(cancellation))
        {
            NeedFile(db);
            await DatabaseCopy.MakeAsync(db, copy.Path, cancellation);
        }

        files.Add(cipher is null
            ? await BackupFiles.HashAsync(copy.Path, Database, null, cancellation)
            : await BackupFiles.IntoAsync(copy.Path, Path.Combine(place, Database), Database, cipher, cancellation));
        await AddAsync(files, place, _scope.Staying(), cancellation);
        await using var read = copy.Open();
        return await CountAsync(read, now, files, cancellation);
    }

    /// <summary>Copies what is not copied yet.</summary>
    async Task AddAsync(
        List<BackupFile> files, string place, IEnumerable<(string Path, string Name)> sources, CancellationToken cancellation)
    {
        var copied = files.Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var (path, name) in sources.Where(s => !copied.Contains(s.Name)))
        {
            try
            {
                files.Add(await BackupFiles.IntoAsync(path, BackupFiles.PathIn(place, name), name, cipher, cancellation));
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
            keys.Concat(await FurtherKeysAsync(db, cancellation)).Count(k => !names.Contains($"blobs/{k[..2]}/{k}")), files);
    }

    // A backup of before studies had further images has no table of them.
    static async Task<List<string>> FurtherKeysAsync(CovidCxrDbContext db, CancellationToken cancellation) =>
        await db.Database.SqlQuery<int>($"SELECT count(*) AS Value FROM sqlite_master WHERE name = 'StudyImages'")
            .SingleAsync(cancellation) > 0
            ? await db.StudyImages.Select(i => i.ImageKey).ToListAsync(cancellation)
            : [];

    // Two at once in one folder would each take the other's for what a killed process left.
    static FileStream TakeTurn(string parent)
    {
        try
        {
            return new(
                Path.Combine(parent, "backup.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1,
                FileOptions.DeleteOnClose);
        }
        catch (IOException e) when (File.Exists(Path.Combine(parent, "backup.lock")))
        {
            throw new BackupException($"Another backup is being made in {parent}: wait for its end.", e);
        }
    }

    // Other programs may keep folders of such an ending there, too: only what is named as a backup is one.
    static void RemoveUnfinished(string parent)
    {
        foreach (var left in Directory.GetDirectories(parent, "*" + Unfinished))
        {
            if (MadeAt(Path.GetFileNameWithoutExtension(left)) is not null)
            {
                Directory.Delete(left, recursive: true);
            }
        }
    }

    /// <returns>What a backup that is whole holds, and what opens its files; null where they are as they were.</returns>
    async Task<(BackupManifest Manifest, BackupCipher? Cipher)> LookAsync(
        string place, RestoreChoice choice, CancellationToken cancellation)
    {
        try
        {
            PlainDatabase.RemoveLeft(folder.Root);
            return await LookAtAllAsync(place, choice, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException)
        {
            throw new BackupException($"The backup {place} could not be looked at: {e.Message}", e);
        }
    }

    async Task<(BackupManifest Manifest, BackupCipher? Cipher)> LookAtAllAsync(
        string place, RestoreChoice choice, CancellationToken cancellation)
    {
        var (manifest, opened) = await ReadManifestAsync(place, choice, cancellation);
        foreach (var file in manifest.Files.Where(f => f.Path != Database))
        {
            var path = BackupFiles.PathIn(place, file.Path);
            if (!File.Exists(path) || await BackupFiles.HashAsync(path, file.Path, opened, cancellation) != file)
            {
                throw Damaged(place, $"{file.Path} is missing or is not what was written");
            }
        }

        using var database = await DatabaseAsync(place, manifest, opened, cancellation);
        await using var db = database.Open();
        var check = db.Database.SqlQuery<string>($"SELECT integrity_check AS Value FROM pragma_integrity_check");
        if (await check.FirstAsync(cancellation) != "ok")
        {
            throw Damaged(place, "its database does not hold together");
        }

        var counted = await CountAsync(db, manifest.MadeAt, manifest.Files, cancellation);
        return (counted.Studies, counted.Readings, counted.AuditEntries, counted.LostImages)
            == (manifest.Studies, manifest.Readings, manifest.AuditEntries, manifest.LostImages)
                ? (manifest, opened)
                : throw Damaged(place, "its database holds other rows than were written");
    }

    static BackupException Damaged(string place, string how) => new($"The backup {place} is damaged: {how}. Use another.");

    async Task<(BackupManifest Manifest, BackupCipher? Cipher)> ReadManifestAsync(
        string place, RestoreChoice choice, CancellationToken cancellation)
    {
        var path = Path.Combine(place, BackupManifest.FileName);
        try
        {
            var opened = BackupCipher.IsEncrypted(path)
                ? cipher ?? throw new BackupException($"The backup {place} is encrypted: name the file of its key in Backups:KeyFile.")
                : null;
            if (opened is null && cipher is not null && !choice.TakesPlain)
            {
                // Whoever can write where backups lie could put a database of their own there.
                throw new BackupException(
                    $"The backup {place} is not encrypted, and Backups:KeyFile names a key: somebody else may have put it there. "
                        + "Where it is yours, from before there was a key, add --plain.");
            }

            var words = await BackupFiles.OutOfAsync(path, BackupManifest.FileName, opened, cancellation);
            var manifest = JsonSerializer.Deserialize<BackupManifest>(words, Json) ?? throw new JsonException();
            return manifest.Files.All(BackupScope.IsRightlyNamed)
                && manifest.Files.DistinctBy(f => f.Path, StringComparer.Ordinal).Count() == manifest.Files.Count
                    ? (manifest, opened)
                    : throw new BackupException(
                        $"The backup {place} names a file that is in no backup, or one twice: somebody may have altered it.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new BackupException($"There is no whole backup in {place}: its {BackupManifest.FileName} is missing or damaged.", e);
        }
    }

    /// <returns>The database, found to be the one that was written.</returns>
    async Task<PlainDatabase> DatabaseAsync(
        string place, BackupManifest manifest, BackupCipher? opened, CancellationToken cancellation)
    {
        var path = Path.Combine(place, Database);
        var database = opened is null ? PlainDatabase.At(path) : PlainDatabase.Within(folder.Root);
        try
        {
            return File.Exists(path) && manifest.Files.Contains(opened is null
                ? await BackupFiles.HashAsync(path, Database, null, cancellation)
                : await BackupFiles.OutOfAsync(path, database.Path, Database, opened, cancellation))
                    ? database
                    : throw Damaged(place, $"{Database} is missing or is not what was written");
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }
}

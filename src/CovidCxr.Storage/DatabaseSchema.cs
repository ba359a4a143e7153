using CovidCxr.Storage.Files;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Storage;

/// <summary>
/// Brings the database to the schema of this program. A start that is killed at any moment leaves a database that the next start brings
/// there (<see cref="AtomicMigrations"/>), and a copy from before.
/// </summary>
public sealed class DatabaseSchema(IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, TimeProvider time)
{
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    /// <summary>Applies what is missing; one process after the other.</summary>
    /// <exception cref="DatabaseUpgradeException">It cannot be done; the message says what to do.</exception>
    public async Task UpdateAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (db.IsPostgreSql)
        {
            await PostgreSqlSchema.UpdateAsync(db, time, cancellation);
            return;
        }

        await using var turn = await TakeTurnAsync(cancellation);
        List<string> applied = [.. await db.Database.GetAppliedMigrationsAsync(cancellation)];
        if (applied.Except(db.Database.GetMigrations()).LastOrDefault() is { } unknown)
        {
            throw new DatabaseUpgradeException(
                $"The database {folder.Database} was used by a newer version of this program: it has the change {unknown}, which this one "
                    + $"does not know. Nothing was changed. Start the newer version again, or restore a copy from {folder.Backups}.");
        }

        if (applied.Count == db.Database.GetMigrations().Count())
        {
            return;
        }

        // EF Core's own lock is a row: left by a killed process, it would keep every later start waiting for ever. The operating system
        // takes the lock on the file back with the process, so whoever holds that knows that the row is nobody's.
        if (await db.Database.SqlQueryRaw<int>(
            """SELECT count(*) AS "Value" FROM sqlite_master WHERE name = '__EFMigrationsLock'""").SingleAsync(cancellation) > 0)
        {
            await db.Database.ExecuteSqlRawAsync("""DELETE FROM "__EFMigrationsLock";""", cancellation);
        }

        await MigrateAsync(db, applied.Count == 0 ? null : await CopyAsync(db, applied[^1], cancellation), cancellation);
    }

    async Task MigrateAsync(CovidCxrDbContext db, string? copy, CancellationToken cancellation)
    {
        try
        {
            await db.Database.OpenConnectionAsync(cancellation);
            await db.Database.ExecuteSqlRawAsync("PRAGMA foreign_keys = OFF;", cancellation);
            await db.Database.MigrateAsync(cancellation);
        }
        catch (SqliteException e)
        {
            var restore = copy is null ? "" : $" A copy from before is {copy}.";
            throw new DatabaseUpgradeException(
                $"The database {folder.Database} cannot be brought to the schema of this version: {e.Message} The change that failed "
                    + $"was taken back as a whole.{restore} Start the version that ran before, which works on, and report this message. "
                    + $"Where an older version was interrupted in its upgrade, restore the last backup instead.",
                e);
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    /// <returns>Where the copy is.</returns>
    async Task<string> CopyAsync(CovidCxrDbContext db, string lastApplied, CancellationToken cancellation)
    {
        var copy = Path.Combine(folder.Backups, $"before-upgrade-from-{lastApplied}.db");
        try
        {
            await DatabaseCopy.MakeAsync(db, copy, cancellation);
            return copy;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new DatabaseUpgradeException(
                $"Before the upgrade of the database a copy must be made, {copy}, and that failed: {e.Message} Nothing was changed. Free "
                    + $"at least {new FileInfo(folder.Database).Length / 1_000_000 + 1} MB on its disk and start again.",
                e);
        }
    }

    async Task<FileStream> TakeTurnAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new FileStream(folder.Database + ".migrating", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(Patience, time, cancellation);
            }
        }
    }
}

using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Storage;

/// <summary>Brings the database to the schema of this program.</summary>
public sealed class DatabaseSchema(IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, TimeProvider time)
{
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    /// <summary>Applies what is missing; one process after the other.</summary>
    public async Task UpdateAsync(CancellationToken cancellation)
    {
        await using var turn = await TakeTurnAsync(cancellation);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        // EF Core's own lock is a row: left by a killed process, it would keep every later start waiting for ever. The operating system
        // takes the lock on the file back with the process, so whoever holds that knows that the row is nobody's.
        if (await db.Database.SqlQueryRaw<int>(
            """SELECT count(*) AS "Value" FROM sqlite_master WHERE name = '__EFMigrationsLock'""").SingleAsync(cancellation) > 0)
        {
            await db.Database.ExecuteSqlRawAsync("""DELETE FROM "__EFMigrationsLock";""", cancellation);
        }

        await db.Database.MigrateAsync(cancellation);
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

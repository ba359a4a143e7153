using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace CovidCxr.Storage;

/// <summary>
/// Brings a database of PostgreSQL to the schema of this program. A migration is one transaction there, so nothing more is needed for a
/// start that is killed. No copy is made before: pg_dump makes one.
/// </summary>
static class PostgreSqlSchema
{
    // Another than that of the writers, and held by the connection: a migration is many transactions.
    const long Turn = 720261131;

    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    /// <exception cref="DatabaseUpgradeException">It cannot be done; the message says what to do.</exception>
    public static async Task UpdateAsync(CovidCxrDbContext db, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            // EF Core would make a database that is not there, in a name that was mistyped.
            if (!await db.GetService<IRelationalDatabaseCreator>().ExistsAsync(cancellation))
            {
                throw new DatabaseUpgradeException(
                    "The database of Storage:ConnectionString is not there, or the server cannot be reached. Create it empty (createdb), "
                        + "owned by the account of the connection.");
            }

            await db.Database.OpenConnectionAsync(cancellation);
            while (!(await Answer(db, $"SELECT pg_try_advisory_lock({Turn}) AS \"Value\"").ToListAsync(cancellation))[0])
            {
                await Task.Delay(Patience, time, cancellation);
            }

            await MigrateAsync(db, cancellation);
            await Answer(db, $"SELECT pg_advisory_unlock({Turn}) AS \"Value\"").ToListAsync(cancellation);
        }
        catch (DbException e)
        {
            throw new DatabaseUpgradeException(
                $"The database of Storage:ConnectionString cannot be brought to the schema of this version: {e.Message} The change that "
                    + "failed was taken back as a whole.",
                e);
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    static async Task MigrateAsync(CovidCxrDbContext db, CancellationToken cancellation)
    {
        List<string> applied = [.. await db.Database.GetAppliedMigrationsAsync(cancellation)];
        if (applied.Except(db.Database.GetMigrations()).LastOrDefault() is { } unknown)
        {
            throw new DatabaseUpgradeException(
                $"The database of Storage:ConnectionString was used by a newer version of this program: it has the change {unknown}, which "
                    + "this one does not know. Nothing was changed. Start the newer version again, or restore a dump from before.");
        }

        if (applied.Count < db.Database.GetMigrations().Count())
        {
            await db.Database.MigrateAsync(cancellation);
        }
    }

    static IQueryable<bool> Answer(CovidCxrDbContext db, FormattableString sql) => db.Database.SqlQuery<bool>(sql);
}

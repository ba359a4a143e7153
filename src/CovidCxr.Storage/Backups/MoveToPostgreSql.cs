using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using CovidCxr.Storage.Files;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace CovidCxr.Storage.Backups;

/// <param name="Name">Of the table.</param>
/// <param name="Hash">SHA-256 of all values of all rows in the order of their keys, the same in both databases.</param>
public sealed record MovedTable(string Name, long Rows, string Hash);

/// <summary>The move was not made; nothing of it is left, and the message says why.</summary>
public sealed class MoveException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>
/// Copies every row of the data folder's SQLite file into an empty database of PostgreSQL, in one transaction, and compares both before its
/// end. The file is opened for reading alone.
/// </summary>
public sealed class MoveToPostgreSql(IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, TimeProvider time)
{
    const int Batch = 500;

    static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <exception cref="MoveException">It was not made.</exception>
    public async Task<IReadOnlyList<MovedTable>> RunAsync(CancellationToken cancellation)
    {
        await using var target = await contexts.CreateDbContextAsync(cancellation);
        if (!target.IsPostgreSql)
        {
            throw new MoveException("Set Storage:Provider to PostgreSql, and Storage:ConnectionString to where the rows shall go.");
        }

        if (!File.Exists(folder.Database))
        {
            throw new MoveException($"There is no {folder.Database} to move.");
        }

        await using var source = PlainDatabase.At(folder.Database).Open();
        // Beside the one that reads, which sees one state throughout.
        await using var watch = PlainDatabase.At(folder.Database).Open();
        try
        {
            await NeedThisSchemaAsync(source, cancellation);
            await PostgreSqlSchema.UpdateAsync(target, time, cancellation);
            return await MoveAsync(source, watch, target, cancellation);
        }
        catch (SqliteException e)
        {
            throw new MoveException($"{folder.Database} cannot be read: {e.Message}", e);
        }
        catch (DatabaseUpgradeException e)
        {
            throw new MoveException(e.Message, e);
        }
        catch (Exception e) when (e is DbException or DbUpdateException)
        {
            // Without what the server says of the rows.
            var state = ((e as DbException) ?? e.InnerException as DbException)?.SqlState;
            throw new MoveException($"PostgreSQL did not take the rows (SQLSTATE {state ?? "unknown"}). Nothing was moved.", e);
        }
    }

    async Task NeedThisSchemaAsync(CovidCxrDbContext source, CancellationToken cancellation)
    {
        var applied = await source.Database.GetAppliedMigrationsAsync(cancellation);
        if (!applied.SequenceEqual(source.Database.GetMigrations()))
        {
            throw new MoveException(
                $"{folder.Database} is of another version of this program. Start this version on it once (Storage:Provider Sqlite), "
                    + "stop it, and move then.");
        }
    }

    static async Task<IReadOnlyList<MovedTable>> MoveAsync(
        CovidCxrDbContext source, CovidCxrDbContext watch, CovidCxrDbContext target, CancellationToken cancellation)
    {
        await watch.Database.OpenConnectionAsync(cancellation);
        var before = await VersionAsync(watch, cancellation);
        List<MovedTable> moved = [];
        await using var writing = await target.Database.BeginTransactionAsync(cancellation);
        await using (await source.BeginReadAsync(cancellation))
        {
            var types = InOrder(source.Model);
            foreach (var type in types)
            {
                await (Task)Method(nameof(NeedEmptyAsync), type).Invoke(null, [target, cancellation])!;
            }

            foreach (var type in types)
            {
                moved.Add(await (Task<MovedTable>)Method(nameof(CopyAsync), type).Invoke(null, [source, target, cancellation])!);
            }

            await ContinueNumbersAsync(source, target, cancellation);
        }

        if (await VersionAsync(watch, cancellation) != before)
        {
            throw new MoveException("Somebody wrote into the SQLite file meanwhile: stop the program, and move again.");
        }

        await writing.CommitAsync(cancellation);
        return moved;
    }

    // Another number as soon as another connection has written.
    static async Task<long> VersionAsync(CovidCxrDbContext watch, CancellationToken cancellation) =>
        (await watch.Database.SqlQuery<long>($"SELECT data_version AS Value FROM pragma_data_version").ToListAsync(cancellation))[0];

    static System.Reflection.MethodInfo Method(string name, IEntityType type) => typeof(MoveToPostgreSql)
        .GetMethod(name, System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!.MakeGenericMethod(type.ClrType);

    // What a row refers to is there before it.
    static List<IEntityType> InOrder(IModel model)
    {
        List<IEntityType> ordered = [];
        List<IEntityType> left = [.. model.GetEntityTypes().Where(t => !t.IsOwned()).OrderBy(t => t.Name, StringComparer.Ordinal)];
        while (left.Count > 0)
        {
            var next = left.First(t => t.GetForeignKeys().All(k => k.PrincipalEntityType == t || ordered.Contains(k.PrincipalEntityType)));
            left.Remove(next);
            ordered.Add(next);
        }

        return ordered;
    }

    static async Task NeedEmptyAsync<T>(CovidCxrDbContext target, CancellationToken cancellation)
        where T : class
    {
        if (await target.Set<T>().IgnoreQueryFilters().AnyAsync(cancellation))
        {
            throw new MoveException(
                $"The database of Storage:ConnectionString holds rows already ({Table<T>(target)}): it has to be an empty one.");
        }
    }

    static async Task<MovedTable> CopyAsync<T>(CovidCxrDbContext source, CovidCxrDbContext target, CancellationToken cancellation)
        where T : class
    {
        var name = Table<T>(target);
        var (rows, hash) = await WalkAsync<T>(source, target, cancellation);
        var there = await WalkAsync<T>(target, null, cancellation);
        return (rows, hash) == there
            ? new(name, rows, hash)
            : throw new MoveException(
                $"{name} came out otherwise than it went in ({rows} rows, and {there.Rows} came). Nothing was moved.");
    }

    /// <summary>Counts and hashes the rows, and puts each into another database where one is given.</summary>
    static async Task<(long Rows, string Hash)> WalkAsync<T>(
        CovidCxrDbContext from, CovidCxrDbContext? into, CancellationToken cancellation)
        where T : class
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var rows = 0L;
        await foreach (var row in ByKey<T>(from).AsNoTracking().AsAsyncEnumerable().WithCancellation(cancellation))
        {
            hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(Values(from, row), Json));
            rows++;
            if (into is not null)
            {
                into.Add(row);
                await SaveAsync(into, rows % Batch == 0, cancellation);
            }
        }

        await SaveAsync(into, isDue: true, cancellation);
        return (rows, Convert.ToHexString(hash.GetHashAndReset()));
    }

    static IQueryable<T> ByKey<T>(CovidCxrDbContext db)
        where T : class
    {
        string[] key = [.. db.Model.FindEntityType(typeof(T))!.FindPrimaryKey()!.Properties.Select(p => p.Name)];
        var first = db.Set<T>().IgnoreQueryFilters().OrderBy(row => EF.Property<object>(row, key[0]));
        return key.Skip(1).Aggregate(first, (rows, name) => rows.ThenBy(row => EF.Property<object>(row, name)));
    }

    static async Task SaveAsync(CovidCxrDbContext? into, bool isDue, CancellationToken cancellation)
    {
        if (into is not null && isDue)
        {
            await into.SaveChangesAsync(cancellation);
            into.ChangeTracker.Clear();
        }
    }

    static object?[] Values(CovidCxrDbContext db, object row)
    {
        var entry = db.Entry(row);
        return [.. entry.Properties.OrderBy(p => p.Metadata.Name, StringComparer.Ordinal).Select(p => p.CurrentValue),
            .. entry.References.Where(r => r.TargetEntry?.Metadata.IsOwned() == true).Select(r => r.CurrentValue)];
    }

    static bool HasNumbers(IEntityType type) =>
        type.FindPrimaryKey()?.Properties is [{ ValueGenerated: ValueGenerated.OnAdd } key] && key.ClrType != typeof(Guid);

    static string Table<T>(CovidCxrDbContext db) => db.Model.FindEntityType(typeof(T))!.GetTableName()!;

    // A number that a row had once is given to no other, though the row is gone: entries of the audit trail are archived.
    static async Task ContinueNumbersAsync(CovidCxrDbContext source, CovidCxrDbContext target, CancellationToken cancellation)
    {
        foreach (var table in source.Model.GetEntityTypes().Where(HasNumbers))
        {
            var (name, column) = (table.GetTableName()!, table.FindPrimaryKey()!.Properties[0].GetColumnName());
            var last = await source.Database.SqlQuery<long>($"SELECT seq AS Value FROM sqlite_sequence WHERE name = {name}")
                .ToListAsync(cancellation);
            if (last is [> 0 and var number])
            {
                await target.Database.ExecuteSqlAsync(
                    $"SELECT setval(pg_get_serial_sequence(quote_ident({name}), {column}), {number})", cancellation);
            }
        }
    }
}

using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Storage.Tests;

/// <summary>From nothing, several programs at once, and the databases that are not taken.</summary>
public sealed class PostgreSqlSchemaTests : IDisposable
{
    readonly TestFolder _folder = new(isPostgreSql: true, isMigrated: false);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    DatabaseSchema Schema() => new(_folder, _folder.Data, TimeProvider.System);

    [Fact]
    public void Migrations_BesideTheModel_LackNothing()
    {
        using var db = _folder.CreateDbContext();

        Assert.False(
            db.Database.HasPendingModelChanges(), "An entity or its configuration changed without a migration of PostgreSqlDbContext.");
    }

    [Fact]
    public async Task UpdateAsync_ThreeAtOnce_MakeEveryTable()
    {
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => Schema().UpdateAsync(Cancellation), Cancellation)));

        await using var db = _folder.CreateDbContext();
        Assert.Empty(await db.Database.GetPendingMigrationsAsync(Cancellation));
        var tables = await db.Database.SqlQuery<string>($"SELECT tablename::text AS \"Value\" FROM pg_tables").ToListAsync(Cancellation);
        Assert.All(db.Model.GetEntityTypes().Select(t => t.GetTableName()!).Distinct(), table => Assert.Contains(table, tables));
    }

    [Fact]
    public async Task UpdateAsync_DatabaseOfANewerProgram_IsLeftAlone()
    {
        await Schema().UpdateAsync(Cancellation);
        await using var db = _folder.CreateDbContext();
        await db.Database.ExecuteSqlRawAsync(
            """INSERT INTO "__EFMigrationsHistory" VALUES ('29990101000000_Later', '10.0.15')""", Cancellation);

        var refused = await Assert.ThrowsAsync<DatabaseUpgradeException>(() => Schema().UpdateAsync(Cancellation));

        Assert.Contains("29990101000000_Later", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UpdateAsync_NoSuchDatabase_SaysWhatToDo_AndMakesNone()
    {
        PostgreSqlServer.Drop(_folder.Data);

        var refused = await Assert.ThrowsAsync<DatabaseUpgradeException>(() => Schema().UpdateAsync(Cancellation));

        Assert.Contains("Storage:ConnectionString", refused.Message, StringComparison.Ordinal);
        Assert.Contains("createdb", refused.Message, StringComparison.Ordinal);
    }
}

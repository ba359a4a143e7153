using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace CovidCxr.Storage.Tests;

/// <summary>From nothing, from an older program, and after a crash: the schema of this one.</summary>
public sealed class DatabaseSchemaTests : IDisposable
{
    // SQLite's, whatever the other tests run on.
    readonly TestFolder _folder = new(isPostgreSql: false, isMigrated: false);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    DatabaseSchema Schema() => new(_folder, _folder.Data, TimeProvider.System);

    async Task<IReadOnlyList<string>> PendingAsync()
    {
        await using var db = _folder.CreateDbContext();
        return [.. await db.Database.GetPendingMigrationsAsync(Cancellation)];
    }

    [Fact]
    public void Migrations_BesideTheModel_LackNothing()
    {
        using var db = _folder.CreateDbContext();

        Assert.False(db.Database.HasPendingModelChanges(), "An entity or its configuration changed without a migration.");
    }

    [Fact]
    public async Task UpdateAsync_EmptyFolder_HasEveryTable()
    {
        await Schema().UpdateAsync(Cancellation);

        Assert.Empty(await PendingAsync());
        await using var db = _folder.CreateDbContext();
        Assert.All(
            db.Model.GetEntityTypes().Select(t => t.GetTableName()!).Distinct(), table => Assert.Contains(table, Names(db, "table")));
    }

    [Fact]
    public async Task UpdateAsync_Twice_ChangesNothing()
    {
        await Schema().UpdateAsync(Cancellation);
        await using var db = _folder.CreateDbContext();
        var before = Names(db, "table").Concat(Names(db, "index")).ToList();

        await Schema().UpdateAsync(Cancellation);

        Assert.Equal(before, Names(db, "table").Concat(Names(db, "index")));
    }

    [Fact]
    public async Task UpdateAsync_FromTheFirstMigration_KeepsStudies()
    {
        await using (var db = _folder.CreateDbContext())
        {
            await db.GetService<IMigrator>().MigrateAsync("Initial", Cancellation);
            // The entity has more columns by now.
            await db.Database.ExecuteSqlRawAsync(
                """
                INSERT INTO "Studies" ("Id", "Sex", "View", "ReceivedAt", "UploadedBy", "PixelHash", "Width", "Height",
                  "BitsStored", "ImageKey", "Status", "ReadCount")
                VALUES ('00000000-0000-7000-8000-000000000001', 0, 0, 0, '00000000-0000-7000-8000-000000000002', 'a', 1, 1, 8, 'k', 0, 0);
                """, Cancellation);
        }

        await Schema().UpdateAsync(Cancellation);

        Assert.Empty(await PendingAsync());
        await using var after = _folder.CreateDbContext();
        var study = await after.Studies.SingleAsync(Cancellation);
        Assert.Equal(("a", null), (study.PixelHash, study.MeanIntensity));
    }

    [Fact]
    public async Task UpdateAsync_LockOfAKilledProcess_GoesOn()
    {
        await using (var db = _folder.CreateDbContext())
        {
            await db.GetService<IMigrator>().MigrateAsync("Initial", Cancellation);
            await db.Database.ExecuteSqlRawAsync(
                """INSERT INTO "__EFMigrationsLock" ("Id", "Timestamp") VALUES (1, '2026-03-02 08:00:00');""", Cancellation);
        }

        await Schema().UpdateAsync(Cancellation).WaitAsync(TimeSpan.FromMinutes(1), Cancellation);

        Assert.Empty(await PendingAsync());
    }

    [Fact]
    public async Task MigrateAsync_EmptyFileOfAKilledStart_IsFilled()
    {
        await File.WriteAllBytesAsync(_folder.Data.Database, [], Cancellation);
        await using var db = _folder.CreateDbContext();

        await db.Database.MigrateAsync(Cancellation);

        Assert.Empty(await PendingAsync());
    }

    [Fact]
    public async Task UpdateAsync_ThreeAtOnce_AllSucceed()
    {
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => Schema().UpdateAsync(Cancellation), Cancellation)));

        Assert.Empty(await PendingAsync());
    }

    static List<string> Names(CovidCxrDbContext db, string type) =>
        [.. db.Database.SqlQuery<string>($"SELECT name AS Value FROM sqlite_master WHERE type = {type} ORDER BY name")];
}

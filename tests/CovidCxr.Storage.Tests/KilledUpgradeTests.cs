using System.Globalization;
using CovidCxr.Storage.Files;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace CovidCxr.Storage.Tests;

/// <summary>From every schema that was ever released, an upgrade is killed with SIGKILL; the next start must bring it to its end.</summary>
[Trait("Speed", "Slow")]
public sealed class KilledUpgradeTests(ITestOutputHelper output) : IDisposable
{
    // More of them by environment variable, for a longer look.
    static readonly int? Kills = Environment.GetEnvironmentVariable("COVIDCXR_KILLS") is { } kills
        ? int.Parse(kills, CultureInfo.InvariantCulture)
        : null;

    readonly string _root = Directory.CreateTempSubdirectory("covidcxr-upgrade-").FullName;
    int _folders;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task Start_AfterAKilledUpgradeFromEveryReleasedSchema_EndsItAndKeepsAll()
    {
        string[] schemas;
        await using (var db = new CovidCxrDbContext(Options(Folder())))
        {
            schemas = [.. db.Database.GetMigrations().SkipLast(1)];
        }

        var fresh = await UpgradedAsync(Folder());
#pragma warning disable CA5394 // Chooses moments, not secrets.
        var random = new Random(20261128);
        var killed = 0;
        var kills = Kills ?? schemas.Length;
        for (var kill = 0; kill < kills; kill++)
        {
            var schema = schemas[kill % schemas.Length];
            var moments = await MomentsAsync(schema);
            var folder = await ReleasedAsync(schema);
            // Every third from outside, after a time that chance chooses; the others at a statement or a commit.
            await DyingUpgrade.StartAsync(
                folder.Root, random.Next(1, moments + 1),
                kill % 3 == 2 ? TimeSpan.FromMilliseconds(random.Next(300, 2000)) : null, Cancellation);
            killed += await IsPendingAsync(folder) ? 1 : 0;

            Assert.Equal(fresh, await UpgradedAsync(folder));
            await KeptAsync(folder);
        }
#pragma warning restore CA5394

        output.WriteLine($"{kills} kills from {schemas.Length} schemas, {killed} of them before the upgrade's end, {kills} starts after");
        Assert.True(killed >= kills / 2, "Hardly a kill met an upgrade: the test shows nothing.");
    }

    [Fact]
    public async Task Upgrade_OfAReleasedSchema_LeavesACopyFromBeforeThatOpens()
    {
        var folder = await ReleasedAsync("WorklistFilters");

        await UpgradedAsync(folder);

        var copy = Assert.Single(Directory.GetFiles(folder.Backups));
        Assert.Equal("before-upgrade-from-20261125231318_WorklistFilters.db", Path.GetFileName(copy));
        await using var db = new CovidCxrDbContext(Options(copy));
        Assert.EndsWith("WorklistFilters", (await db.Database.GetAppliedMigrationsAsync(Cancellation)).Last(), StringComparison.Ordinal);
        Assert.Equal(1, await db.Database.SqlQuery<int>($"SELECT count(*) AS Value FROM Studies").SingleAsync(Cancellation));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(copy));
        }
    }

    [Fact]
    public async Task Start_OnADatabaseOfANewerVersion_ChangesNothingAndSaysSo()
    {
        var folder = Folder();
        await UpgradedAsync(folder);
        await using (var db = new CovidCxrDbContext(Options(folder)))
        {
            await db.Database.ExecuteSqlAsync(
                $"INSERT INTO __EFMigrationsHistory VALUES ('20991231000000_Later', '10.0')", Cancellation);
        }

        var refused = await Assert.ThrowsAsync<DatabaseUpgradeException>(() => UpgradedAsync(folder));

        Assert.Contains("it has the change 20991231000000_Later, which this one does not know", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upgrade_ThatFails_IsTakenBackAndSaysWhereTheCopyIs()
    {
        var folder = await ReleasedAsync("WorklistFilters");
        await using (var db = new CovidCxrDbContext(Options(folder)))
        {
            // As an interrupted upgrade of an older version left it.
            await db.Database.ExecuteSqlAsync($"ALTER TABLE RetrainingRuns ADD COLUMN DataSetVersionId TEXT", Cancellation);
        }

        var refused = await Assert.ThrowsAsync<DatabaseUpgradeException>(() => UpgradedAsync(folder));

        Assert.Contains("duplicate column", refused.Message, StringComparison.Ordinal);
        Assert.Contains(Directory.GetFiles(folder.Backups).Single(), refused.Message, StringComparison.Ordinal);
        await using var after = new CovidCxrDbContext(Options(folder));
        Assert.EndsWith("WorklistFilters", (await after.Database.GetAppliedMigrationsAsync(Cancellation)).Last(), StringComparison.Ordinal);
    }

    DataFolder Folder() => new(Path.Combine(_root, $"{_folders++}"));

    static DbContextOptions<CovidCxrDbContext> Options(DataFolder folder) => Options(folder.Database);

    static DbContextOptions<CovidCxrDbContext> Options(string file)
    {
        var options = new DbContextOptionsBuilder<CovidCxrDbContext>();
        StorageRegistration.Configure(options, file);
        return options.Options;
    }

    /// <summary>A folder with a database of this schema, a study in it and a run, whose table a later migration rebuilds.</summary>
    async Task<DataFolder> ReleasedAsync(string schema)
    {
        var folder = Folder();
        await using var db = new CovidCxrDbContext(Options(folder));
        await db.GetService<IMigrator>().MigrateAsync(schema, Cancellation);
        await db.Database.ExecuteSqlRawAsync(
            """
            INSERT INTO "Studies" ("Id", "Sex", "View", "ReceivedAt", "UploadedBy", "PixelHash", "Width", "Height",
              "BitsStored", "ImageKey", "Status", "ReadCount")
            VALUES ('00000000-0000-7000-8000-000000000001', 0, 0, 0, '00000000-0000-7000-8000-000000000002', 'a', 1, 1, 8, 'k', 0, 0);
            """, Cancellation);
        SqliteConnection.ClearAllPools();
        return folder;
    }

    async Task<int> MomentsAsync(string schema)
    {
        var moments = new DyingUpgrade.Moments(0);
        await DyingUpgrade.Schema(await ReleasedAsync(schema), moments).UpdateAsync(Cancellation);
        return moments.Count;
    }

    static async Task<bool> IsPendingAsync(DataFolder folder)
    {
        await using var db = new CovidCxrDbContext(Options(folder));
        return (await db.Database.GetPendingMigrationsAsync(Cancellation)).Any();
    }

    /// <summary>Starts, and says what the schema is then.</summary>
    static async Task<List<string>> UpgradedAsync(DataFolder folder)
    {
        await DyingUpgrade.Schema(folder, new(0)).UpdateAsync(Cancellation).WaitAsync(TimeSpan.FromMinutes(2), Cancellation);
        await using var db = new CovidCxrDbContext(Options(folder));
        Assert.Equal("ok", await db.Database.SqlQuery<string>($"SELECT integrity_check AS Value FROM pragma_integrity_check").SingleAsync(
            Cancellation));
        Assert.Empty(
            await db.Database.SqlQuery<string>($"SELECT \"table\" AS Value FROM pragma_foreign_key_check").ToListAsync(Cancellation));
        return await db.Database.SqlQuery<string>(
            $"SELECT coalesce(sql, name) AS Value FROM sqlite_master WHERE name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY type, name")
            .ToListAsync(Cancellation);
    }

    static async Task KeptAsync(DataFolder folder)
    {
        await using var db = new CovidCxrDbContext(Options(folder));
        Assert.Equal("a", (await db.Studies.SingleAsync(Cancellation)).PixelHash);
        Assert.DoesNotContain(
            Directory.GetFiles(folder.Root, "*", SearchOption.AllDirectories), f => f.EndsWith(".tmp", StringComparison.Ordinal));
    }
}

using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace CovidCxr.Testing;

/// <summary>
/// A data folder of its own with a real SQLite file, or a database of a real PostgreSQL server, removed in the end. The schema is migrated
/// once per process and copied.
/// </summary>
public sealed class TestFolder : IDbContextFactory<CovidCxrDbContext>, IDisposable
{
    static readonly Lazy<byte[]> Migrated = new(Migrate);

    readonly DbContextOptions<CovidCxrDbContext> _options;

    /// <param name="isMigrated">False for a folder without a database, or a database without a table.</param>
    /// <param name="interceptors">Beside those of the program.</param>
    public TestFolder(bool isMigrated = true, params IInterceptor[] interceptors)
        : this(PostgreSqlServer.IsChosen, isMigrated, interceptors)
    {
    }

    public TestFolder(bool isPostgreSql, bool isMigrated, params IInterceptor[] interceptors)
    {
        Data = new(Directory.CreateTempSubdirectory("covidcxr-test-").FullName);
        Storage = isPostgreSql ? PostgreSqlServer.Of(Data) : new() { DataFolder = Data.Root };
        _options = Options(Storage, Data, interceptors);
        if (isPostgreSql)
        {
            PostgreSqlServer.Create(Data, isMigrated);
        }
        else if (isMigrated)
        {
            WriteSchema(Data);
        }
    }

    /// <summary>What leads a program here.</summary>
    public StorageOptions Storage { get; }

    public bool IsPostgreSql => Storage.Provider == StorageProvider.PostgreSql;

    public DataFolder Data { get; }

    /// <summary>Names of the stored images, half-written ones among them.</summary>
    public IReadOnlyList<string> Blobs =>
        Directory.Exists(Data.Blobs) ? Directory.GetFiles(Data.Blobs, "*", SearchOption.AllDirectories) : [];

    /// <summary>A database of this program's schema and without a row: every migration again would take seconds.</summary>
    public static void WriteSchema(DataFolder data)
    {
        Directory.CreateDirectory(data.Root);
        File.WriteAllBytes(data.Database, Migrated.Value);
    }

    public CovidCxrDbContext CreateDbContext() => CovidCxrDbContext.Open(_options);

    /// <summary>The same rows in another, whose own are gone then.</summary>
    public async Task CopyDatabaseAsync(TestFolder to, CancellationToken cancellation)
    {
        if (IsPostgreSql)
        {
            PostgreSqlServer.Copy(Data, to.Data);
            return;
        }

        await using (var db = CreateDbContext())
        {
            await db.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE);", cancellation);
        }

        File.Copy(Data.Database, to.Data.Database, overwrite: true);
    }

    public void Dispose()
    {
        if (IsPostgreSql)
        {
            PostgreSqlServer.Drop(Data);
        }

        ClosePool(Data.Database);
        Directory.Delete(Data.Root, recursive: true);
    }

    static DbContextOptions<CovidCxrDbContext> Options(StorageOptions storage, DataFolder folder, params IInterceptor[] interceptors)
    {
        var builder = new DbContextOptionsBuilder<CovidCxrDbContext>();
        StorageRegistration.Configure(builder, storage, folder).AddInterceptors(interceptors);
        return builder.Options;
    }

    static byte[] Migrate()
    {
        var file = Path.GetTempFileName();
        var options = new DbContextOptionsBuilder<CovidCxrDbContext>();
        StorageRegistration.Configure(options, file);
        using (var db = new CovidCxrDbContext(options.Options))
        {
            db.Database.Migrate();
            db.Database.ExecuteSqlRaw("PRAGMA wal_checkpoint(TRUNCATE);");
        }

        ClosePool(file);
        var bytes = File.ReadAllBytes(file);
        File.Delete(file);
        return bytes;
    }

    static void ClosePool(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file}");
        SqliteConnection.ClearPool(connection);
    }
}

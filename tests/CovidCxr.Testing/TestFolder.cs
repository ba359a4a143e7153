using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace CovidCxr.Testing;

/// <summary>
/// A data folder of its own with a real SQLite file, removed in the end. The schema is migrated once per process and copied.
/// </summary>
public sealed class TestFolder : IDbContextFactory<CovidCxrDbContext>, IDisposable
{
    static readonly Lazy<byte[]> Migrated = new(Migrate);

    readonly DbContextOptions<CovidCxrDbContext> _options;

    /// <param name="isMigrated">False for a folder without a database.</param>
    /// <param name="interceptors">Beside those of the program.</param>
    public TestFolder(bool isMigrated = true, params IInterceptor[] interceptors)
    {
        Data = new(Directory.CreateTempSubdirectory("covidcxr-test-").FullName);
        _options = Options(Data.Database, interceptors);
        if (isMigrated)
        {
            WriteSchema(Data);
        }
    }

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

    public CovidCxrDbContext CreateDbContext() => new(_options);

    public void Dispose()
    {
        ClosePool(Data.Database);
        Directory.Delete(Data.Root, recursive: true);
    }

    static DbContextOptions<CovidCxrDbContext> Options(string file, params IInterceptor[] interceptors)
    {
        var builder = new DbContextOptionsBuilder<CovidCxrDbContext>();
        StorageRegistration.Configure(builder, file).AddInterceptors(interceptors);
        return builder.Options;
    }

    static byte[] Migrate()
    {
        var file = Path.GetTempFileName();
        using (var db = new CovidCxrDbContext(Options(file)))
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

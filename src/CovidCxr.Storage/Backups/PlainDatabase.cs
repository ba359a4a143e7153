using CovidCxr.Storage.Files;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Storage.Backups;

/// <summary>A database of a backup as a file that SQLite reads: in the backup, or for a while in a private folder of its own.</summary>
sealed class PlainDatabase : IDisposable
{
    const string Pattern = "backup-*.tmp", LockEnding = ".lock";

    readonly FileStream? _lock;

    PlainDatabase(string path, FileStream? held) => (Path, _lock) = (path, held);

    public string Path { get; }

    public static PlainDatabase At(string path) => new(path, null);

    /// <summary>In a folder that goes away with this; nothing is in it yet.</summary>
    public static PlainDatabase Within(string parent)
    {
        var folder = System.IO.Path.Combine(parent, Pattern.Replace("*", Guid.NewGuid().ToString("N"), StringComparison.Ordinal));
        // Beside the folder, and held from before it is there until it is gone: whatever nobody holds was left.
        var held = Lock(folder);
        try
        {
            PrivateFiles.CreateFolder(folder);
            return new(System.IO.Path.Combine(folder, "covidcxr.db"), held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Removes what a killed process left, and nothing that a living one holds.</summary>
    public static void RemoveLeft(string parent)
    {
        var locks = Directory.GetFiles(parent, Pattern + LockEnding).Select(l => l[..^LockEnding.Length]);
        foreach (var left in Directory.GetDirectories(parent, Pattern).Union(locks))
        {
            FileStream held;
            try
            {
                held = Lock(left);
            }
            catch (IOException)
            {
                // Another backup, or a look at one, is under way.
                continue;
            }

            Delete(left, held);
        }
    }

    static FileStream Lock(string folder) => new(
        folder + LockEnding, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);

    // Without the log beside it and without a write: a verified backup is the one that was made.
    public CovidCxrDbContext Open()
    {
        var options = new DbContextOptionsBuilder<CovidCxrDbContext>();
        var connection = new SqliteConnectionStringBuilder { DataSource = Path, Mode = SqliteOpenMode.ReadOnly, Pooling = false };
        options.UseSqlite(connection.ToString());
        return new(options.Options);
    }

    public void Dispose()
    {
        if (_lock is not null)
        {
            Delete(System.IO.Path.GetDirectoryName(Path)!, _lock);
        }
    }

    static void Delete(string folder, FileStream held)
    {
        using (held)
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }
}

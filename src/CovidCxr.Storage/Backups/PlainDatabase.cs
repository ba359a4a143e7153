using CovidCxr.Storage.Files;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Storage.Backups;

/// <summary>A database of a backup as a file that SQLite reads: in the backup, or for a while in a private folder of its own.</summary>
sealed class PlainDatabase : IDisposable
{
    const string Pattern = "backup-*.tmp", LockName = "lock";

    readonly FileStream? _lock;

    PlainDatabase(string path, FileStream? held) => (Path, _lock) = (path, held);

    public string Path { get; }

    public static PlainDatabase At(string path) => new(path, null);

    /// <summary>In a folder that goes away with this; nothing is in it yet.</summary>
    public static PlainDatabase Within(string parent)
    {
        var folder = System.IO.Path.Combine(parent, Pattern.Replace("*", Guid.NewGuid().ToString("N"), StringComparison.Ordinal));
        PrivateFiles.CreateFolder(folder);
        var held = new FileStream(System.IO.Path.Combine(folder, LockName), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        return new(System.IO.Path.Combine(folder, "covidcxr.db"), held);
    }

    /// <summary>Removes what a killed process left, and nothing that a living one holds.</summary>
    public static void RemoveLeft(string parent)
    {
        foreach (var left in Directory.GetDirectories(parent, Pattern))
        {
            try
            {
                using var free = new FileStream(
                    System.IO.Path.Combine(left, LockName), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                continue;
            }

            Directory.Delete(left, recursive: true);
        }
    }

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
            _lock.Dispose();
            Directory.Delete(System.IO.Path.GetDirectoryName(Path)!, recursive: true);
        }
    }
}

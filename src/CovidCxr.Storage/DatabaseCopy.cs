using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Storage;

/// <summary>A copy of the database as it is at one moment, while others write on.</summary>
static class DatabaseCopy
{
    /// <summary>Replaces an older copy of this name once the new one is whole and on the disk.</summary>
    public static async Task MakeAsync(CovidCxrDbContext db, string target, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var unfinished = target + ".tmp";
        File.Delete(unfinished);
        // Patients' data: nobody else's to read. SQLite takes an empty file as it is.
        await using (new FileStream(unfinished, PrivateFiles.Writing(FileMode.CreateNew)))
        {
        }

        await db.Database.ExecuteSqlAsync($"VACUUM INTO {unfinished}", cancellation);
        await using (var written = new FileStream(unfinished, FileMode.Open, FileAccess.ReadWrite))
        {
            written.Flush(flushToDisk: true);
        }

        File.Move(unfinished, target, overwrite: true);
    }
}

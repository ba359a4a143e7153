using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Clinic.Studies;

/// <summary>
/// Removes images without a study: a process that is killed between file and rows leaves a patient's image that nobody could find again,
/// not even to delete it.
/// </summary>
public sealed class SweepImages(IDbContextFactory<CovidCxrDbContext> contexts, BlobStore blobs, TimeProvider time, ILogger<SweepImages> log)
{
    // Longer than any upload is under way between its file and its rows, in this process or in another one on the same folder.
    static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    public async Task RunAsync(CancellationToken cancellation)
    {
        // Files first: a study that comes in meanwhile is known by the time its file is looked at.
        var files = blobs.StoredBefore(time.GetUtcNow() - Grace);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var known = await db.AllStudies.Select(s => s.ImageKey).Concat(db.StudyImages.Select(i => i.ImageKey)).ToHashSetAsync(cancellation);
        var orphans = files.Where(f => !known.Contains(f.Name)).ToList();
        orphans.ForEach(f => f.Delete());
        if (orphans.Count > 0)
        {
            log.LogWarning(
                "Removed {Count} stored images without a study, as a crash in the middle of an upload leaves them.", orphans.Count);
        }
    }
}

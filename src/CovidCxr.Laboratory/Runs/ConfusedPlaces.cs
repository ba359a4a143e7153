using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Runs;

/// <summary>
/// Finds the images of a report again, in the data set version's manifest and as pictures in the run's folder, and records that they are
/// shown.
/// </summary>
static class ConfusedPlaces
{
    public static async Task<IReadOnlyList<ShownImage>> ShowAsync(
        CovidCxrDbContext db, DataSetPlaces places, AuditLog audit, RunFolder folder, Guid runId, IReadOnlyList<ConfusedImage> images,
        Actor actor, CancellationToken cancellation)
    {
        var number = await db.TrainingRuns.Where(r => r.Id == runId).Select(r => r.Number).SingleAsync(cancellation);
        await audit.RecordAsync(actor, AuditAction.TrainingView, AuditOutcome.Succeeded, detail: $"run {number}: report");
        var version = await (from r in db.TrainingRuns
                             join v in db.DataSetVersions on r.DataSetVersionId equals v.Id
                             where r.Id == runId
                             select v).AsNoTracking().SingleOrDefaultAsync(cancellation);
        var paths = version is null ? [] : await Task.Run(() => PathsOf(places, version.Id, version.ManifestHash), cancellation);
        return [.. images.Select((image, i) => new ShownImage(image, paths.IndexOf(image.Path), File.Exists(folder.ConfusedPicture(i))))];
    }

    static List<string> PathsOf(DataSetPlaces places, Guid version, string? hash)
    {
        try
        {
            return [.. places.Read(version, hash).Images.Select(i => i.Path)];
        }
        catch (DataSetException)
        {
            // Without its manifest the report has no thumbnails, and stands.
            return [];
        }
    }
}

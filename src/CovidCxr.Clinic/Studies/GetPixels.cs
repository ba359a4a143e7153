using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Studies;

/// <summary>Samples as the viewer takes them: row-major little-endian, one byte each at 8 bits, two at 16.</summary>
public sealed record PixelData(int Width, int Height, int BitsStored, byte[] Samples);

/// <summary>The raw samples of an image of a study. Null where there is no such one.</summary>
public sealed class GetPixels(IDbContextFactory<CovidCxrDbContext> contexts, StoredScans scans, ViewLog views)
{
    /// <param name="imageId">A further image; null, or the study's own id, for the principal one.</param>
    public async Task<PixelData?> RunAsync(Guid studyId, Actor actor, CancellationToken cancellation, Guid? imageId = null)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var key = await VisitImages.KeyAsync(db, studyId, imageId, cancellation);
        if (key is null)
        {
            return null;
        }

        var image = await scans.ReadAsync(key, cancellation);
        // A row of its own beside the page's: an earlier film shown beside this one is seen too, and so is one fetched without a page.
        await views.NoteAsync(
            actor, AuditAction.StudyView, studyId, imageId is null || imageId == studyId ? "image" : "further image");
        var samples = image.BitsStored == 16
            ? System.Runtime.InteropServices.MemoryMarshal.AsBytes<ushort>(image.Samples).ToArray()
            : Array.ConvertAll(image.Samples, s => (byte)s);
        return new(image.Width, image.Height, image.BitsStored, samples);
    }
}

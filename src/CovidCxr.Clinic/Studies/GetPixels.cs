using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Studies;

/// <summary>Samples as the viewer takes them: row-major little-endian, one byte each at 8 bits, two at 16.</summary>
public sealed record PixelData(int Width, int Height, int BitsStored, byte[] Samples);

/// <summary>The raw samples of a study. Null where there is none with this id.</summary>
public sealed class GetPixels(IDbContextFactory<CovidCxrDbContext> contexts, StoredScans scans, ViewLog views)
{
    public async Task<PixelData?> RunAsync(Guid studyId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var key = await db.AllStudies.Where(s => s.Id == studyId).Select(s => s.ImageKey).SingleOrDefaultAsync(cancellation);
        if (key is null)
        {
            return null;
        }

        var image = await scans.ReadAsync(key, cancellation);
        // A row of its own beside the page's: an earlier film shown beside this one is seen too, and so is one fetched without a page.
        await views.NoteAsync(actor, AuditAction.StudyView, studyId, "image");
        var samples = image.BitsStored == 16
            ? System.Runtime.InteropServices.MemoryMarshal.AsBytes<ushort>(image.Samples).ToArray()
            : Array.ConvertAll(image.Samples, s => (byte)s);
        return new(image.Width, image.Height, image.BitsStored, samples);
    }
}

using CovidCxr.Clinic.Readings;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Learning.Duplicates;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Studies;

/// <summary>Describes the films of studies from before their appearance was kept, the oldest first, one after the other.</summary>
public sealed class DescribeStudies(IDbContextFactory<CovidCxrDbContext> contexts, StoredScans scans, FilmCopies copies)
{
    public async Task RunAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var missing = await db.AllStudies.Where(s => !db.StudyAppearances.Any(a => a.StudyId == s.Id)).OrderBy(s => s.ReceivedAt)
            .ThenBy(s => s.Id).Select(s => new { s.Id, s.ImageKey }).ToListAsync(cancellation);
        foreach (var study in missing)
        {
            if (await ReadAsync(study.ImageKey, cancellation) is { } image)
            {
                await DescribeAsync(study.Id, image, cancellation);
            }
        }
    }

    // One whose file is gone has no appearance; one that cannot be read now is tried at the next round, and holds up no other.
    async Task<GreyImage?> ReadAsync(string key, CancellationToken cancellation)
    {
        try
        {
            return await scans.FindAsync(key, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    async Task DescribeAsync(Guid studyId, GreyImage image, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // Another process on the same folder may have been first.
        if (await db.StudyAppearances.AnyAsync(a => a.StudyId == studyId, cancellation))
        {
            return;
        }

        var film = FilmAppearance.Of(image);
        db.StudyAppearances.Add(FilmCopies.Describe(studyId, image, film));
        if (await copies.FindAsync(db, film, cancellation) is { } original)
        {
            (await db.AllStudies.SingleAsync(s => s.Id == studyId, cancellation)).CopyOf = original;
            await Disclosures.CarryAsync(db, studyId, original, cancellation);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }
}

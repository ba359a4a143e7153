using CovidCxr.Clinic.Readings;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Learning.Duplicates;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Studies;

/// <summary>Describes the images of studies from before their appearance was kept, the oldest first, one after the other.</summary>
public sealed class DescribeStudies(IDbContextFactory<CovidCxrDbContext> contexts, StoredScans scans, FilmCopies copies)
{
    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var film in await MissingAsync(cancellation))
        {
            if (await ReadAsync(film.ImageKey, cancellation) is { } image)
            {
                await DescribeAsync(film, image, cancellation);
            }
        }
    }

    /// <param name="ImageId">Null for the principal image.</param>
    sealed record Missing(Guid StudyId, Guid? ImageId, string ImageKey);

    async Task<IReadOnlyList<Missing>> MissingAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var studies = await db.AllStudies.Where(s => !db.StudyAppearances.Any(a => a.StudyId == s.Id && a.ImageId == null))
            .OrderBy(s => s.ReceivedAt).ThenBy(s => s.Id).Select(s => new Missing(s.Id, null, s.ImageKey)).ToListAsync(cancellation);
        var images = await db.StudyImages.Where(i => !db.StudyAppearances.Any(a => a.ImageId == i.Id))
            .OrderBy(i => i.ReceivedAt).ThenBy(i => i.Id).Select(i => new Missing(i.StudyId, i.Id, i.ImageKey)).ToListAsync(cancellation);
        return [.. studies, .. images];
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

    async Task DescribeAsync(Missing missing, GreyImage image, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var (studyId, imageId) = (missing.StudyId, missing.ImageId);
        // Another process on the same folder may have been first, or the image have become the principal one.
        if (await db.StudyAppearances.AnyAsync(a => a.StudyId == studyId && a.ImageId == imageId, cancellation)
            || (imageId is not null && !await db.StudyImages.AnyAsync(i => i.Id == imageId && i.StudyId == studyId, cancellation)))
        {
            return;
        }

        var film = FilmAppearance.Of(image);
        db.StudyAppearances.Add(FilmCopies.Describe(studyId, imageId, image, film));
        // The answer is to the principal image alone.
        if (imageId is null && await copies.FindAsync(db, film, cancellation, except: studyId) is { } original)
        {
            (await db.AllStudies.SingleAsync(s => s.Id == studyId, cancellation)).CopyOf = original;
            await Disclosures.CarryAsync(db, studyId, original, cancellation);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }
}

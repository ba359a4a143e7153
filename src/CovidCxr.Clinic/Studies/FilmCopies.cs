using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Learning.Duplicates;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Studies;

/// <summary>
/// Knows a film again that was cropped, brightened, resized or saved anew, among all images of all studies, the withdrawn ones too. The
/// hashes are in memory, 48 bytes an image; what laying films over one another needs is in the database.
/// </summary>
public sealed class FilmCopies
{
    // Of strangers a few in a thousand look alike; whoever fills the house with one film must not make every upload slow.
    const int MostCompared = 100;

    readonly Lock _lock = new();
    readonly List<(long Id, PerceptualHash Hash)> _known = [];
    long _newest;

    /// <summary>Phantoms are drawn alike, and no film is a copy of one: theirs says nothing.</summary>
    /// <param name="imageId">Null for the principal image.</param>
    internal static StudyAppearance Describe(Guid studyId, Guid? imageId, GreyImage image, FilmAppearance film) =>
        PhantomMark.IsOn(image)
            ? new() { StudyId = studyId, ImageId = imageId, Hash = default(PerceptualHash).ToString(), Thumbnail = [] }
            : new() { StudyId = studyId, ImageId = imageId, Hash = film.Hash.ToString(), Thumbnail = film.Thumbnail!.ToBytes() };

    /// <param name="except">A study that is not looked at: the film's own; null for none.</param>
    /// <param name="exceptImage">Likewise a further image.</param>
    /// <returns>The oldest study that shows the same film; null where none does.</returns>
    internal async Task<Guid?> FindAsync(
        CovidCxrDbContext db, FilmAppearance film, CancellationToken cancellation, Guid? except = null, Guid? exceptImage = null)
    {
        await CatchUpAsync(db, cancellation);
        var near = Near(film.Hash);
        if (near.Length == 0)
        {
            return null;
        }

        var appearances = await db.StudyAppearances.AsNoTracking().Where(a => near.Contains(a.Id)).ToListAsync(cancellation);
        var others = appearances.Where(a => a.StudyId != except && (a.ImageId is null || a.ImageId != exceptImage));
        var same = others.Select(a => (Of: a, Correlation: film.CorrelationWith(ToFilm(a))))
            .Where(c => c.Correlation >= FilmAppearance.SameFilmCorrelation).OrderByDescending(c => c.Correlation).Select(c => c.Of)
            .ToList();
        return same switch
        {
            [] => null,
            // What its study is a copy of shows the principal image.
            [{ ImageId: not null } image, ..] => image.StudyId,
            [var principal, ..] => await db.AllStudies.Where(s => s.Id == principal.StudyId).Select(s => s.CopyOf ?? s.Id)
                .SingleAsync(cancellation),
        };
    }

    internal static FilmAppearance ToFilm(StudyAppearance appearance) =>
        new("", PerceptualHash.Parse(appearance.Hash), FilmThumbnail.FromBytes(appearance.Thumbnail));

    /// <summary>Reads what was added since; before a transaction, so that a first reading of them all holds nobody up.</summary>
    internal async Task CatchUpAsync(CovidCxrDbContext db, CancellationToken cancellation)
    {
        long newest;
        lock (_lock)
        {
            newest = _newest;
        }

        var rows = await db.StudyAppearances.AsNoTracking().Where(a => a.Id > newest).OrderBy(a => a.Id)
            .Select(a => new { a.Id, a.Hash }).ToListAsync(cancellation);
        lock (_lock)
        {
            // Another upload may have caught up meanwhile.
            foreach (var row in rows.Where(r => r.Id > _newest))
            {
                _known.Add((row.Id, PerceptualHash.Parse(row.Hash)));
                _newest = row.Id;
            }
        }
    }

    long[] Near(PerceptualHash hash)
    {
        lock (_lock)
        {
            return hash == default
                ? []
                : [.. _known.Where(k => k.Hash != default && k.Hash.DistanceTo(hash) <= PerceptualHash.DuplicateDistance)
                    .OrderBy(k => k.Hash.DistanceTo(hash)).Take(MostCompared).Select(k => k.Id)];
        }
    }
}

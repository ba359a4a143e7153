using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Readings;

/// <summary>
/// Keeps to whom an answer of the model was shown before the own opinion, as on a concurrent day. What was seen cannot be unseen: such a
/// study is never read blind by that reader, nor compared as if it were. An answer that has left this program counts as shown to everybody
/// who has not read the film by then.
/// </summary>
public sealed class Disclosures(TimeProvider time)
{
    const int Batch = 400;

    /// <summary>The studies whose answer this reader was shown before the own opinion.</summary>
    internal static IQueryable<Guid> StudiesFor(CovidCxrDbContext db, Guid reader) =>
        db.Disclosures.Where(d => d.ReaderId == reader || d.ReaderId == Disclosure.Everybody).Select(d => d.StudyId);

    internal static Task<bool> IsAnyAsync(CovidCxrDbContext db, Guid studyId, Guid reader, CancellationToken cancellation) =>
        db.Disclosures.AnyAsync(
            d => d.StudyId == studyId && (d.ReaderId == reader || d.ReaderId == Disclosure.Everybody), cancellation);

    /// <summary>
    /// To be called with what is about to be shown: an answer that cannot be noted must not be seen. Whoever sees the answer to a copy of
    /// a film sees the answer to the film.
    /// </summary>
    internal async Task NoteAsync(CovidCxrDbContext db, IEnumerable<Guid> shown, Actor actor, CancellationToken cancellation)
    {
        if (!actor.Is(Role.Radiologist))
        {
            return;
        }

        var (reader, at) = (actor.UserId, time.GetUtcNow());
        foreach (var chunk in shown.Distinct().Chunk(Batch))
        {
            // A copy whose answer is still to come is nothing new either.
            var answered = await Answered(db.AllStudies.Where(s => chunk.Contains(s.Id))).Select(s => s.Id).ToListAsync(cancellation);
            if (answered.Count == 0)
            {
                continue;
            }

            var batch = await WithCopiesAsync(db, answered, cancellation);
            var first = await db.AllStudies.Where(s => batch.Contains(s.Id))
                .Where(s => !db.Readings.Any(r => r.StudyId == s.Id && r.ReaderId == reader))
                .Where(s => !db.Disclosures.Any(d => d.StudyId == s.Id && d.ReaderId == reader)).Select(s => s.Id)
                .ToListAsync(cancellation);
            foreach (var study in first)
            {
                await AddAsync(db, reader, study, at, cancellation);
            }
        }
    }

    /// <summary>
    /// The answer to this study is, or may be, where anybody can look at it, as in an archive. Whoever could see it there is not asked:
    /// neither the film nor a copy of it is read blind any more.
    /// </summary>
    /// <param name="at">When it left.</param>
    public static async Task NoteLeftAsync(CovidCxrDbContext db, Guid study, DateTimeOffset at, CancellationToken cancellation)
    {
        foreach (var same in await WithCopiesAsync(db, [study], cancellation))
        {
            await AddAsync(db, Disclosure.Everybody, same, at, cancellation);
        }
    }

    // Another window of the same person, or another program, may note the same.
    static async Task AddAsync(CovidCxrDbContext db, Guid reader, Guid study, DateTimeOffset at, CancellationToken cancellation) =>
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO "Disclosures" ("ReaderId", "StudyId", "At") VALUES ({reader}, {study}, {at.UtcTicks}) ON CONFLICT DO NOTHING
            """,
            cancellation);

    /// <summary>
    /// Films that turn out to be one: none of them is new to whoever has read one of them or was shown its answer, since the first time.
    /// </summary>
    internal static async Task CarryAsync(CovidCxrDbContext db, Guid copy, Guid original, CancellationToken cancellation)
    {
        HashSet<Guid> group = [.. await WithCopiesAsync(db, [original], cancellation), copy];
        var read = await db.Readings.Where(r => group.Contains(r.StudyId)).Select(r => new { r.ReaderId, r.StudyId, At = r.CreatedAt })
            .ToListAsync(cancellation);
        var shown = await db.Disclosures.Where(d => group.Contains(d.StudyId)).Select(d => new { d.ReaderId, d.StudyId, d.At })
            .ToListAsync(cancellation);
        foreach (var reader in read.Concat(shown).GroupBy(s => s.ReaderId))
        {
            foreach (var study in group.Except(reader.Select(s => s.StudyId)))
            {
                db.Disclosures.Add(new() { ReaderId = reader.Key, StudyId = study, At = reader.Min(s => s.At) });
            }
        }
    }

    // These studies and all others that show one of their films.
    static async Task<IReadOnlyCollection<Guid>> WithCopiesAsync(
        CovidCxrDbContext db, IReadOnlyCollection<Guid> studies, CancellationToken cancellation)
    {
        var originals = await db.AllStudies.Where(s => studies.Contains(s.Id) && s.CopyOf != null).Select(s => s.CopyOf!.Value)
            .ToListAsync(cancellation);
        var all = studies.Concat(originals).ToHashSet();
        all.UnionWith(await db.AllStudies.Where(s => s.CopyOf != null && all.Contains(s.CopyOf.Value)).Select(s => s.Id)
            .ToListAsync(cancellation));
        return all;
    }

    static IQueryable<Study> Answered(IQueryable<Study> studies) => studies.Where(s => s.PredictionId != null);
}

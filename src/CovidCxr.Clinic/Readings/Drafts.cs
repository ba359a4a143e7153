using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Readings;

/// <summary>What a reader has chosen and not handed in; everybody finds the own ones alone.</summary>
public sealed class Drafts(IDbContextFactory<CovidCxrDbContext> contexts, TimeProvider time)
{
    /// <returns>Null where nothing is kept.</returns>
    public async Task<KeptDraft?> FindAsync(Guid studyId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await db.KeptDrafts.AsNoTracking()
            .SingleOrDefaultAsync(d => d.StudyId == studyId && d.ReaderId == actor.UserId, cancellation);
    }

    /// <summary>Keeps it in the place of the one before. A study that is gone, or another window's newer draft, is no error.</summary>
    public async Task KeepAsync(
        Guid studyId, Opinion? opinion, int? confidence, bool? agrees, bool? heatMapUseful, string? note, Actor actor,
        CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        // Two keys that follow fast are two calls: the second finds what the first has kept.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var kept = await db.KeptDrafts.SingleOrDefaultAsync(d => d.StudyId == studyId && d.ReaderId == actor.UserId, cancellation);
        if (kept is null)
        {
            kept = new() { StudyId = studyId, ReaderId = actor.UserId };
            db.KeptDrafts.Add(kept);
        }

        (kept.Opinion, kept.Confidence, kept.AgreesWithPrediction, kept.HeatMapUseful) = (opinion, confidence, agrees, heatMapUseful);
        (kept.Note, kept.KeptAt) = (note?[..Math.Min(note.Length, ReadingRules.MaxNoteLength)], time.GetUtcNow());
        try
        {
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
        }
        catch (DbUpdateException)
        {
            // The reading itself says what is wrong; a draft is a convenience.
        }
    }

    internal static Task RemoveAsync(CovidCxrDbContext db, Guid studyId, Guid reader, CancellationToken cancellation) =>
        db.KeptDrafts.Where(d => d.StudyId == studyId && d.ReaderId == reader).ExecuteDeleteAsync(cancellation);
}

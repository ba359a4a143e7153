using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Corrections;

/// <param name="ChangeId">The study's last standing change, as the person saw it.</param>
public sealed record UndoChangeRequest(Guid StudyId, long ChangeId, string? Reason);

/// <summary>
/// Takes the last change of a study back, with all that the same action changed; the one before it is the last one then. All of it goes
/// back or nothing. An image that was taken out is put back as long as nobody has said anything of it.
/// </summary>
public sealed class UndoChange(
    IDbContextFactory<CovidCxrDbContext> contexts, StudyCorrections corrections, MovedReferences references, MovedNotes notes,
    TakeOutImage images, AuditLog audit)
{
    public async Task<ChangeStudyResult> RunAsync(UndoChangeRequest request, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var action = await db.StudyChanges.AsNoTracking().Where(c => c.Id == request.ChangeId && c.StudyId == request.StudyId)
            .Select(c => (Guid?)c.ActionId).SingleOrDefaultAsync(cancellation);
        var undone = await db.StudyChanges.AsNoTracking().Where(c => c.ActionId == action).OrderBy(c => c.Id).ToListAsync(cancellation);
        var ids = undone.ConvertAll(c => c.StudyId);
        var history = (await db.StudyChanges.AsNoTracking().Where(c => ids.Contains(c.StudyId)).ToListAsync(cancellation))
            .ToLookup(c => c.StudyId);
        var studies = await db.AllStudies.Where(s => ids.Contains(s.Id)).ToDictionaryAsync(s => s.Id, cancellation);
        var isRead = await db.Readings.AnyAsync(r => ids.Contains(r.StudyId), cancellation);
        if ((Refusal(request, undone, history, studies.Values, isRead, actor)
            ?? (undone is [var first, ..] ? await MovedNotes.RefusalToMoveBackAsync(db, first.ActionId, cancellation) : null)
            ?? (undone is [{ ImageId: { } takenOut }] ? await TakeOutImage.RefusalToPutBackAsync(db, takenOut, cancellation) : null))
            is { } refusal)
        {
            audit.AddTo(
                db, actor, AuditAction.StudyChange, AuditOutcome.Refused, action is null ? null : request.StudyId, $"undo: {refusal}");
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return new ChangeStudyResult.Refused(refusal);
        }

        if (undone is [{ ImageId: { } image } change])
        {
            return await images.PutBackAsync(
                db, transaction, studies[change.StudyId], image, change.Id, request.Reason!, actor, cancellation);
        }

        if (undone is [var only] && MovedReferences.AreLeftBehind(only.Before, only.After))
        {
            await references.RestoreAsync(db, only, actor, cancellation);
        }

        await notes.MoveBackAsync(db, undone[0].ActionId, actor, cancellation);
        return await corrections.SaveAsync(
            db, transaction,
            [.. undone.Select(c => (
                studies[c.StudyId], StudyParticulars.Of(studies[c.StudyId]).Without(c.Before, c.After), (long?)c.Id))],
            [], request.Reason!, isConfirmed: false, actor, cancellation);
    }

    static string? Refusal(
        UndoChangeRequest request, List<StudyChange> undone, ILookup<Guid, StudyChange> history, IReadOnlyCollection<Study> studies,
        bool isRead, Actor actor)
    {
        if (undone.Count == 0)
        {
            return "There is no such change.";
        }

        if (!studies.All(s => StudyChange.IsAllowed(actor, s.UploadedBy, isRead)))
        {
            return "The department lead takes a change back; the radiologist who uploaded the film too, until somebody has read it.";
        }

        var changedSince = undone.Where(c => StudyChange.Standing([.. history[c.StudyId]])?.Id != c.Id).ToList();
        return changedSince.Exists(c => c.StudyId == request.StudyId)
            ? "This is not the study's last change any more. Look at it again."
            : changedSince.Count > 0
            ? $"Of the {undone.Count} films that were changed together {changedSince.Count} were changed again since. Take those changes "
                + "back first."
            : StudyChange.Refusal(request.Reason);
    }
}

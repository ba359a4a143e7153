using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Patients;

/// <summary>Strikes out a note that is wrong. Who wrote it may, once the notes are shown to them, and the lead.</summary>
public sealed class StrikeTherapyNote(
    IDbContextFactory<CovidCxrDbContext> contexts, AuditLog audit, StudyChanges changes, TimeProvider time)
{
    /// <returns>Why it cannot be, for the person; null where it is struck out.</returns>
    public async Task<string?> RunAsync(Guid noteId, string? reason, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        // Of two at once the second finds what the first has done.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var note = await db.TherapyNotes.SingleOrDefaultAsync(n => n.Id == noteId, cancellation);
        // In the same words where there is none and where this person may not know of one.
        var refusal = note is null || !await ShownNotes.AreOfAsync(db, note.PatientNumber, actor, cancellation)
            ? "There is no such note."
            : !ShownNotes.MayStrike(note, actor)
            ? "Who wrote a note strikes it out, or the department lead."
            : note.StruckAt is not null
            ? $"{note.StruckByName} has struck this note out already."
            : StudyChange.Refusal(reason);
        if (refusal is null)
        {
            note!.Strike(reason!.Trim(), actor, time.GetUtcNow());
            audit.AddTo(db, actor, AuditAction.TherapyNote, AuditOutcome.Succeeded, detail: $"struck out: {noteId}");
        }
        else
        {
            audit.AddTo(db, actor, AuditAction.TherapyNote, AuditOutcome.Refused, detail: $"{noteId}: {refusal}");
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        await ShownNotes.PublishAsync(db, changes, note?.PatientNumber, cancellation);
        return refusal;
    }
}

using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Patients;

/// <param name="Until">The last day; null for a note of one day.</param>
public sealed record WriteTherapyNoteRequest(string Number, DateOnly? From, DateOnly? Until, string? Text);

/// <summary>
/// Notes what was done for a patient. Who may not see the notes yet may write one all the same: the answer tells nothing of the others.
/// </summary>
public sealed class WriteTherapyNote(IDbContextFactory<CovidCxrDbContext> contexts, AuditLog audit, StudyChanges changes, TimeProvider time)
{
    /// <returns>Why it cannot be, for the person; null where it is stored.</returns>
    public async Task<string?> RunAsync(WriteTherapyNoteRequest request, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        // Of two at once the second counts what the first has written, and the patient's number is not merged away in between.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var refusal = await RefusalAsync(db, request, actor, cancellation);
        if (refusal is null)
        {
            var note = new TherapyNote
            {
                PatientNumber = ImportStudy.Normalise(request.Number)!,
                From = request.From!.Value,
                Until = request.Until == request.From ? null : request.Until,
                Text = request.Text!.Trim(),
                CreatedBy = actor.UserId,
                CreatedByName = actor.UserName,
                CreatedAt = time.GetUtcNow(),
            };
            db.TherapyNotes.Add(note);
            audit.AddTo(db, actor, AuditAction.TherapyNote, AuditOutcome.Succeeded, detail: $"written: {note.Id}");
        }
        else
        {
            audit.AddTo(db, actor, AuditAction.TherapyNote, AuditOutcome.Refused, detail: refusal);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        await ShownNotes.PublishAsync(db, changes, request.Number, cancellation);
        return refusal;
    }

    async Task<string?> RefusalAsync(
        CovidCxrDbContext db, WriteTherapyNoteRequest request, Actor actor, CancellationToken cancellation)
    {
        var number = ImportStudy.Normalise(request.Number);
        if (number is null || !await db.AllStudies.AnyAsync(s => s.PatientNumber == number, cancellation))
        {
            return "No film has this patient number.";
        }

        // Where the clock is ahead of UTC it is tomorrow already.
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).AddDays(1);
        return TherapyNote.Refusal(request.From, request.Until, request.Text, today)
            ?? (await db.TherapyNotes.CountAsync(n => n.PatientNumber == number && n.CreatedBy == actor.UserId, cancellation)
                >= TherapyNote.MostByAPerson
                    ? $"You have written {TherapyNote.MostByAPerson} notes of this patient, and more are not kept."
                    : null);
    }
}

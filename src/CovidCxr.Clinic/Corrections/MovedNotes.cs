using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Corrections;

/// <summary>
/// Notes of therapy are of the patient: they go along where a number becomes another one, and come back with its undo. One film that is
/// moved may be of another patient than the rest, so no note goes with it.
/// </summary>
public sealed class MovedNotes(AuditLog audit)
{
    internal async Task MoveAsync(
        CovidCxrDbContext db, string from, string to, Guid action, Actor actor, CancellationToken cancellation)
    {
        foreach (var note in await db.TherapyNotes.Where(n => n.PatientNumber == from).OrderBy(n => n.Id).ToListAsync(cancellation))
        {
            db.TherapyNoteMoves.Add(new() { NoteId = note.Id, ActionId = action, Before = note.PatientNumber, After = to });
            Set(db, note, to, actor);
        }
    }

    /// <summary>
    /// Why they cannot come back: another action has brought one of them further, to which its undo would bring it back once more.
    /// </summary>
    internal static async Task<string?> RefusalToMoveBackAsync(CovidCxrDbContext db, Guid action, CancellationToken cancellation) =>
        await db.TherapyNoteMoves.AnyAsync(
            m => m.ActionId == action && db.TherapyNotes.Any(n => n.Id == m.NoteId && n.PatientNumber != m.After), cancellation)
            ? "What belongs to the patient was moved on since. Take that back first."
            : null;

    /// <summary>Those that the action brought along; what was written since stays.</summary>
    internal async Task MoveBackAsync(CovidCxrDbContext db, Guid action, Actor actor, CancellationToken cancellation)
    {
        var moves = await db.TherapyNoteMoves.AsNoTracking().Where(m => m.ActionId == action).OrderBy(m => m.Id)
            .ToListAsync(cancellation);
        var ids = moves.ConvertAll(m => m.NoteId);
        var notes = await db.TherapyNotes.Where(n => ids.Contains(n.Id)).ToDictionaryAsync(n => n.Id, cancellation);
        moves.ForEach(m => Set(db, notes[m.NoteId], m.Before, actor));
    }

    void Set(CovidCxrDbContext db, TherapyNote note, string number, Actor actor)
    {
        note.PatientNumber = number;
        audit.AddTo(db, actor, AuditAction.TherapyNote, AuditOutcome.Succeeded, detail: $"moved with the patient: {note.Id}");
    }
}

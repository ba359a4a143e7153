using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Patients;

/// <summary>Whose notes of therapy a person may know, and which of them.</summary>
static class ShownNotes
{
    /// <returns>As <see cref="TherapyNote.AreShown"/> says; of the films alone, so it takes as long with notes as without.</returns>
    public static async Task<bool> AreOfAsync(CovidCxrDbContext db, string number, Actor actor, CancellationToken cancellation)
    {
        var films = db.Studies.Where(s => s.PatientNumber == number);
        return TherapyNote.AreShown(
            actor, await films.AnyAsync(cancellation),
            await films.AnyAsync(
                s => !db.Readings.Any(r => r.StudyId == s.Id && r.ReaderId == actor.UserId && r.Stage != ReadingStage.Blind),
                cancellation));
    }

    /// <returns>The earliest first, and those that were struck out for a lead alone; null where they wait for the own readings.</returns>
    public static async Task<IReadOnlyList<PatientNote>?> OfAsync(
        CovidCxrDbContext db, string number, Actor actor, CancellationToken cancellation)
    {
        if (!await AreOfAsync(db, number, actor, cancellation))
        {
            return null;
        }

        var isLead = actor.Is(Role.DepartmentLead);
        var notes = await db.TherapyNotes.AsNoTracking().Where(n => n.PatientNumber == number && (isLead || n.StruckAt == null))
            .OrderBy(n => n.From).ThenBy(n => n.Id).ToListAsync(cancellation);
        return notes.ConvertAll(n => new PatientNote(
            n.Id, n.From, n.Until, n.Text, n.CreatedByName, n.CreatedAt, n.StruckAt is null && MayStrike(n, actor),
            n.StruckAt is { } at ? new(n.StruckByName!, at, n.StruckReason!) : null));
    }

    /// <summary>Has the patient's pages drawn anew, whoever may see notes there, and after a refusal too: so it tells nothing.</summary>
    public static async Task PublishAsync(CovidCxrDbContext db, StudyChanges changes, string? number, CancellationToken cancellation)
    {
        if (ImportStudy.Normalise(number) is { } known
            && await db.Studies.Where(s => s.PatientNumber == known).Select(s => (Guid?)s.Id).FirstOrDefaultAsync(cancellation) is { } film)
        {
            changes.Publish(film);
        }
    }

    public static bool MayStrike(TherapyNote note, Actor actor) =>
        actor.Is(Role.DepartmentLead) || note.CreatedBy == actor.UserId;
}

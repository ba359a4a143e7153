using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Corrections;

/// <summary>What the hospital says of a person.</summary>
/// <param name="BirthDate">Null where it does not say.</param>
public sealed record PatientFacts(Sex Sex, DateOnly? BirthDate)
{
    const int MaxAge = 130;

    /// <summary>A film's facts, with these in their place where something is said; the age follows from the birth date.</summary>
    /// <param name="arrived">In place of the day of a film that has none.</param>
    internal StudyParticulars Over(StudyParticulars film, DateTimeOffset arrived)
    {
        var born = BirthDate ?? film.BirthDate;
        var age = born is { } day && day != film.BirthDate ? AgeOn(day, TakenOn(film, arrived)) : film.AgeYears;
        return film with { Sex = Sex == Sex.Unknown ? film.Sex : Sex, BirthDate = born, AgeYears = age };
    }

    internal static DateOnly TakenOn(StudyParticulars film, DateTimeOffset arrived) =>
        film.AcquiredOn ?? DateOnly.FromDateTime(arrived.UtcDateTime);

    static int? AgeOn(DateOnly born, DateOnly day)
    {
        var years = day.Year - born.Year - (born.AddYears(day.Year - born.Year) > day ? 1 : 0);
        return years is >= 0 and <= MaxAge ? years : null;
    }
}

/// <param name="IsConfirmed">A person has seen that something speaks against it.</param>
public sealed record CorrectPatientRequest(string Number, PatientFacts Facts, string? Reason, bool IsConfirmed = false);

/// <summary>Corrects sex and birth date of all films under a number, in one action.</summary>
public sealed class CorrectPatient(IDbContextFactory<CovidCxrDbContext> contexts, StudyCorrections corrections, AuditLog audit)
{
    static readonly Doubt
        Another = new(
            "Sex and birth date are both others than known.", "Sex and birth date are both others than known: it may be another person."),
        AfterTheFilm = new("The birth date is after the film.", "The birth date is after the film: the number may be another person's."),
        ByAPerson = new("A person has corrected it here.", "A person has corrected sex or birth date of these films otherwise.");

    /// <param name="beside">
    /// Writes more in the same transaction, told how many films change; it says why not, in words, or null. Null for nothing.
    /// </param>
    public async Task<ChangeStudyResult> RunAsync(
        CorrectPatientRequest request, Actor actor, CancellationToken cancellation,
        Func<CovidCxrDbContext, int, Task<string?>>? beside = null)
    {
        actor.Demand(Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var number = ImportStudy.Normalise(request.Number);
        // The withdrawn ones too: one that is brought back must not say of its patient what is wrong.
        var studies = await db.AllStudies.Where(s => s.PatientNumber == number && number != null).OrderBy(s => s.Id)
            .ToListAsync(cancellation);
        var changed = studies.Select(s => (Study: s, From: StudyParticulars.Of(s)))
            .Select(c => (c.Study, c.From, To: request.Facts.Over(c.From, c.Study.ReceivedAt))).Where(c => c.From != c.To).ToList();
        if (Refusal(request, studies.Count, changed.Select(c => c.To).FirstOrDefault()) is { } refusal)
        {
            audit.AddTo(db, actor, AuditAction.StudyChange, AuditOutcome.Refused, detail: refusal);
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return new ChangeStudyResult.Refused(refusal);
        }

        List<Doubt> doubts =
        [
            .. changed.Where(c => !c.To.IsWithdrawn).SelectMany(c => Doubts(c.From, c.To, c.Study.ReceivedAt)).Distinct(),
            .. await ByPeopleAsync(db, [.. changed.Select(c => c.Study.Id)], actor, cancellation) ? new[] { ByAPerson } : [],
        ];
        if (!request.IsConfirmed && doubts.Count > 0)
        {
            return new ChangeStudyResult.Doubted([.. doubts.Select(d => d.Words)]) { Kinds = [.. doubts.Select(d => d.Kind).Distinct()] };
        }

        if (beside is not null && await beside(db, changed.Count) is { } objection)
        {
            return new ChangeStudyResult.Refused(objection);
        }

        return await corrections.SaveAsync(
            db, transaction, [.. changed.Select(c => (c.Study, c.To, (long?)null))], [], request.Reason!, request.IsConfirmed, actor,
            cancellation);
    }

    // What a person has put right or taken back here, no message undoes by itself: it may be the hospital's that is wrong.
    static async Task<bool> ByPeopleAsync(CovidCxrDbContext db, List<Guid> studies, Actor actor, CancellationToken cancellation) =>
        (await db.StudyChanges.AsNoTracking().Where(c => studies.Contains(c.StudyId) && c.ChangedBy != actor.UserId)
            .ToListAsync(cancellation))
        .Exists(c => c.Before.Sex != c.After.Sex || c.Before.BirthDate != c.After.BirthDate);

    string? Refusal(CorrectPatientRequest request, int films, StudyParticulars? to) =>
        films == 0 ? "There is no film under this number."
        : StudyChange.Refusal(request.Reason) ?? (to is null ? null : corrections.Refusal(to));

    // A correction is of one of them, as a rule. Both at once, or an age that does not fit, and the number may be another person's.
    static IEnumerable<Doubt> Doubts(StudyParticulars before, StudyParticulars after, DateTimeOffset arrived)
    {
        if (before.Sex != Sex.Unknown && before.BirthDate is not null && before.Sex != after.Sex && before.BirthDate != after.BirthDate)
        {
            yield return Another;
        }

        if (after.BirthDate > PatientFacts.TakenOn(after, arrived))
        {
            yield return AfterTheFilm;
        }

        if (before.BirthDate != after.BirthDate)
        {
            var byAge = before with { Sex = Sex.Unknown, BirthDate = null };
            foreach (var doubt in PatientDoubts.Between(after with { Sex = Sex.Unknown }, arrived, byAge, arrived))
            {
                yield return doubt;
            }
        }
    }
}

using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Corrections;

/// <param name="Films">
/// As many films as the person saw under the first number: refused where there are others by now. Null for a program, which saw none.
/// </param>
/// <param name="IsConfirmed">The person has seen what speaks against it.</param>
/// <param name="Told">What the hospital says of the person whose the second number is; null where it was typed.</param>
public sealed record MergePatientsRequest(
    string From, string To, string? Reason, int? Films, bool IsConfirmed = false, PatientFacts? Told = null);

/// <summary>Two numbers are one person's: all films and notes of the first move to the second, in one action.</summary>
public sealed class MergePatients(
    IDbContextFactory<CovidCxrDbContext> contexts, StudyCorrections corrections, MovedNotes notes, AuditLog audit)
{
    /// <param name="beside">
    /// Writes more in the same transaction, told how many films change; it says why not, in words, or null. Null for nothing.
    /// </param>
    public async Task<ChangeStudyResult> RunAsync(
        MergePatientsRequest request, Actor actor, CancellationToken cancellation,
        Func<CovidCxrDbContext, int, Task<string?>>? beside = null)
    {
        actor.Demand(Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var from = ImportStudy.Normalise(request.From);
        // The withdrawn ones too: one that is brought back must not stand under a number that is nobody's.
        var studies = await db.AllStudies.Where(s => s.PatientNumber == from && from != null).OrderBy(s => s.Id).ToListAsync(cancellation);
        var to = ImportStudy.Normalise(request.To);
        if (Refusal(request, studies, from, to) is { } refusal)
        {
            audit.AddTo(db, actor, AuditAction.StudyChange, AuditOutcome.Refused, detail: refusal);
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return new ChangeStudyResult.Refused(refusal);
        }

        List<(Study Study, StudyParticulars To, long? Undoes)> all =
            [.. studies.Select(s => (s, StudyParticulars.Of(s) with { PatientNumber = to }, (long?)null))];
        if (!request.IsConfirmed && await DoubtsAsync(db, request.Told, all, to!, cancellation) is [_, ..] doubts)
        {
            return new ChangeStudyResult.Doubted([.. doubts.Select(d => d.Words).Distinct()])
            {
                Kinds = [.. doubts.Select(d => d.Kind).Distinct()],
            };
        }

        if (beside is not null && await beside(db, all.Count) is { } objection)
        {
            return new ChangeStudyResult.Refused(objection);
        }

        var action = Guid.CreateVersion7();
        await notes.MoveAsync(db, from!, to!, action, actor, cancellation);
        return await corrections.SaveAsync(db, transaction, all, [], request.Reason!, request.IsConfirmed, actor, cancellation, action);
    }

    static async Task<List<Doubt>> DoubtsAsync(
        CovidCxrDbContext db, PatientFacts? told, IEnumerable<(Study Study, StudyParticulars To, long? Undoes)> all, string to,
        CancellationToken cancellation)
    {
        List<Doubt> doubts = told is not null || await db.AllStudies.AnyAsync(s => s.PatientNumber == to, cancellation)
            ? []
            : [new("No film stands under the second number.", "No film stands under the second number: it may be mistyped.")];
        foreach (var (study, moved, _) in all.Where(a => !a.Study.IsWithdrawn))
        {
            doubts.AddRange(await PatientDoubts.OfAsync(db, moved, study.ReceivedAt, [], cancellation));
            doubts.AddRange(told is null
                ? []
                : PatientDoubts.Between(
                    moved, study.ReceivedAt, told.Over(moved with { AgeYears = null }, study.ReceivedAt), study.ReceivedAt));
        }

        return doubts;
    }

    string? Refusal(MergePatientsRequest request, List<Study> studies, string? from, string? to) =>
        studies.Count(s => !s.IsWithdrawn) switch
        {
            _ when to is null => "Say which patient number the films belong to.",
            _ when to.Equals(from, StringComparison.OrdinalIgnoreCase) => "Both are the same patient number.",
            _ when studies.Count == 0 => "There is no film under the first number any more.",
            var films when request.Films is { } seen && films != seen =>
                $"There are {films} films under the first number now, and {request.Films} were shown. Look again.",
            _ => StudyChange.Refusal(request.Reason) ?? corrections.Refusal(StudyParticulars.Of(studies[0]) with { PatientNumber = to }),
        };
}

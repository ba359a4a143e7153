using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Studies;

/// <summary>
/// A person adds an image of the same visit to a study. What the file's header says otherwise than the study is asked about; the study's
/// facts stand then.
/// </summary>
public sealed class AddStudyImage(IDbContextFactory<CovidCxrDbContext> contexts, ImportStudy import)
{
    /// <param name="answer">Typed: the person has seen what the header says otherwise.</param>
    /// <param name="isConfirmed">The person has seen what else speaks against it.</param>
    public async Task<ImportStudyResult> RunAsync(
        Guid studyId, byte[] content, ViewPosition view, Actor actor, CancellationToken cancellation,
        HeaderAnswer answer = HeaderAnswer.NotAsked, bool isConfirmed = false)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (await VisitImages.RefusalAsync(db, studyId, actor, cancellation) is { } refusal)
        {
            return new ImportStudyResult.Refused(refusal);
        }

        var details = await db.Studies.Where(s => s.Id == studyId)
            .Select(s => new StudyDetails(s.PatientNumber, s.Sex, s.AgeYears, s.AcquiredOn, view, null)).SingleAsync(cancellation);
        var result = await import.TakeAsync(content, details, studyId, answer, isConfirmed, actor, cancellation);
        return result is ImportStudyResult.Asked { Conflicts.Count: 0 }
            ? await import.TakeAsync(content, details, studyId, HeaderAnswer.Typed, isConfirmed, actor, cancellation)
            : result;
    }
}

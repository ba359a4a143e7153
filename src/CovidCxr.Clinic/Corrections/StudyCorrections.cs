using System.Text.Json;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Platform.Jobs;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore.Storage;

namespace CovidCxr.Clinic.Corrections;

/// <summary>
/// Writes changes of studies: the study, the row that keeps old and new values with the reason, the audit row that names what changed, and
/// the job where a corrected fact decides whether the film is scored.
/// </summary>
public sealed class StudyCorrections(AuditLog audit, JobQueue jobs, MovedReferences references, StudyChanges changes, TimeProvider time)
{
    static readonly DateOnly OldestBirth = new(1880, 1, 1);

    internal string? Refusal(StudyParticulars to)
    {
        var now = time.GetUtcNow();
        return to.BirthDate is { } born && (born < OldestBirth || born > DateOnly.FromDateTime(now.UtcDateTime).AddDays(1))
            ? "The birth date must lie in the past, and after 1880."
            : ImportStudy.Check(new(to.PatientNumber, to.Sex, to.AgeYears, to.AcquiredOn, to.View), now);
    }

    /// <param name="all">The studies with what they become, and the change that this takes back.</param>
    /// <param name="falling">References that fall with it.</param>
    /// <param name="isConfirmed">A person has seen what speaks against it.</param>
    /// <param name="actionId">Where something besides studies belongs to the action; null for an own one.</param>
    internal async Task<ChangeStudyResult> SaveAsync(
        CovidCxrDbContext db, IDbContextTransaction transaction, IReadOnlyList<(Study Study, StudyParticulars To, long? Undoes)> all,
        IReadOnlyList<ReferenceFinding> falling, string reason, bool isConfirmed, Actor actor, CancellationToken cancellation,
        Guid? actionId = null)
    {
        var (action, now) = (actionId ?? Guid.CreateVersion7(), time.GetUtcNow());
        var isAnalysed = false;
        references.PutOutOfForce(db, falling, now, actor);
        foreach (var (study, to, undoes) in all)
        {
            var (from, wasWithheld) = (StudyParticulars.Of(study), AnalyseStudy.ReasonToWithhold(study));
            to.ApplyTo(study);
            var change = new StudyChange
            {
                StudyId = study.Id,
                ActionId = action,
                Before = from,
                After = to,
                Reason = reason.Trim(),
                ChangedBy = actor.UserId,
                ChangedByName = actor.UserName,
                ChangedAt = now,
                UndoesId = undoes,
            };
            db.StudyChanges.Add(change);
            audit.AddTo(
                db, actor, AuditAction.StudyChange, AuditOutcome.Succeeded, study.Id,
                $"{change.Kind}: {string.Join(", ", from.Differences(to))}{(isConfirmed ? "; confirmed against doubts" : "")}");
            var withheld = AnalyseStudy.ReasonToWithhold(study);
            if (withheld != wasWithheld && withheld is not null && study.ScoreDemandReason is null)
            {
                // Nobody shall see, and nothing count, an answer of before the film was called lateral, or a child's.
                (study.PredictionId, study.PredictedClass, study.Probability) = (null, null, null);
            }

            // What waits for its turn reads the corrected facts anyway.
            if (withheld != wasWithheld
                && study.Status is StudyStatus.Ready or StudyStatus.Withheld or StudyStatus.Failed)
            {
                study.Status = StudyStatus.Queued;
                jobs.AddTo(db, AnalyseStudy.JobKind, JsonSerializer.Serialize(new AnalyseStudy.Payload(study.Id)));
                isAnalysed = true;
            }
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        if (isAnalysed)
        {
            jobs.Wake(AnalyseStudy.JobKind);
        }

        foreach (var (study, _, _) in all)
        {
            changes.Publish(study.Id);
        }

        return new ChangeStudyResult.Changed(all.Count);
    }
}

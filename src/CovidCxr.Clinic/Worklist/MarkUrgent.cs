using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Worklist;

/// <summary>
/// Marks studies urgent for a reason of the list, or takes that back. A person does, and nothing here knows what the model says: unread,
/// they stand first in the worklist of everybody.
/// </summary>
public sealed class MarkUrgent(IDbContextFactory<CovidCxrDbContext> contexts, AuditLog audit, StudyChanges changes)
{
    /// <param name="reason">Null for studies that are not urgent any more.</param>
    public async Task<WorklistChange> RunAsync(
        IReadOnlyCollection<Guid> studies, UrgencyReason? reason, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        if (WorklistChange.OfCount(studies.Count) is { } wrong)
        {
            return wrong;
        }

        if (reason is { } given && !Enum.IsDefined(given))
        {
            return WorklistChange.Refused(StudyMarks.NoSuchReason);
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        // Whoever marks the same studies at the same moment is waited for, so that each audit row says what was there before.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var (changed, refusals) = (new List<Guid>(), new List<string>());
        foreach (var study in await db.AllStudies.Where(s => studies.Contains(s.Id)).OrderBy(s => s.Id).ToListAsync(cancellation))
        {
            if (study.IsWithdrawn)
            {
                refusals.Add($"{study.PatientNumber ?? study.Id.ToString()}: it was withdrawn.");
                audit.AddTo(db, actor, AuditAction.StudyUrgency, AuditOutcome.Refused, study.Id, "It was withdrawn.");
            }
            else if (study.Urgency != reason)
            {
                audit.AddTo(
                    db, actor, AuditAction.StudyUrgency, AuditOutcome.Succeeded, study.Id, before: StudyMarks.Words(study.Urgency),
                    after: StudyMarks.Words(reason));
                study.Urgency = reason;
                changed.Add(study.Id);
            }
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        changed.ForEach(changes.Publish);
        return new(changed.Count, refusals);
    }
}

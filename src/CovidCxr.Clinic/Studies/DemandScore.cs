using System.Text.Json;
using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Platform.Jobs;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Studies;

/// <summary>
/// Asks for a score although it is withheld. The study keeps who asked and why; the answer is hidden by the same rules as any.
/// </summary>
public sealed class DemandScore(
    IDbContextFactory<CovidCxrDbContext> contexts, JobQueue jobs, AuditLog audit, StudyChanges changes)
{
    public const int MinReason = 3, MaxReason = 500;

    /// <returns>Why it cannot be, for the person who asks; null where the film is queued.</returns>
    public async Task<string?> RunAsync(Guid studyId, string? reason, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        var words = reason?.Trim() ?? "";
        if (words.Length is < MinReason or > MaxReason || words.Any(char.IsControl))
        {
            return $"Say why in {MinReason} to {MaxReason} characters, on one line.";
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var changed = await db.Studies.Where(s => s.Id == studyId && s.Status == StudyStatus.Withheld).ExecuteUpdateAsync(
            s => s.SetProperty(x => x.Status, StudyStatus.Queued).SetProperty(x => x.ScoreDemandedBy, actor.UserId)
                .SetProperty(x => x.ScoreDemandReason, words), cancellation);
        if (changed == 0)
        {
            return "The study's score is not withheld, or no longer.";
        }

        jobs.AddTo(db, AnalyseStudy.JobKind, JsonSerializer.Serialize(new AnalyseStudy.Payload(studyId)));
        audit.AddTo(db, actor, AuditAction.ScoreDemand, AuditOutcome.Succeeded, studyId);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        jobs.Wake(AnalyseStudy.JobKind);
        changes.Publish(studyId);
        return null;
    }
}

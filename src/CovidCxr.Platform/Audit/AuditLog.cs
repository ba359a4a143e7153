using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.Audit;

/// <summary>Writes audit rows: into the caller's own transaction, or alone.</summary>
public sealed class AuditLog(IDbContextFactory<CovidCxrDbContext> contexts, AuditKey key, TimeProvider time)
{
    /// <summary>Adds the row to a context that the caller saves, so that action and record stand or fall together.</summary>
    /// <param name="detail">Never a patient's data.</param>
    public void AddTo(
        CovidCxrDbContext db, Actor? actor, AuditAction action, AuditOutcome outcome, Guid? studyId = null, string? detail = null)
    {
        var entry = new AuditEntry
        {
            At = time.GetUtcNow(),
            UserId = actor?.UserId,
            UserName = actor?.UserName,
            Action = action,
            Outcome = outcome,
            StudyId = studyId,
            Detail = detail,
        };
        entry.Stamp = key.Stamp(entry);
        db.Audit.Add(entry);
    }

    public async Task RecordAsync(Actor? actor, AuditAction action, AuditOutcome outcome, Guid? studyId = null, string? detail = null)
    {
        await using var db = await contexts.CreateDbContextAsync();
        AddTo(db, actor, action, outcome, studyId, detail);
        await db.SaveChangesAsync();
    }
}

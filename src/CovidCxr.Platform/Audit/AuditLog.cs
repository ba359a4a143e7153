using System.Diagnostics.CodeAnalysis;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.Audit;

/// <summary>Writes audit rows: into the caller's own transaction, or alone.</summary>
public sealed class AuditLog(IDbContextFactory<CovidCxrDbContext> contexts, AuditKey key, AuditSpill spill, TimeProvider time)
{
    /// <summary>Adds the row to a context that the caller saves, so that action and record stand or fall together.</summary>
    /// <param name="detail">Never a patient's data; nor are the others.</param>
    /// <param name="before">What was changed, as it was.</param>
    /// <param name="after">As it is now.</param>
    public void AddTo(
        CovidCxrDbContext db, Actor? actor, AuditAction action, AuditOutcome outcome, Guid? studyId = null, string? detail = null,
        string? before = null, string? after = null) =>
        db.Audit.Add(Stamp(Make(actor, action, outcome, studyId, detail, before, after)));

    /// <summary>Writes a row of its own. Where the database cannot be written, it waits in a file, and the caller's work goes on.</summary>
    /// <param name="source">Where it came from, for one who is nobody yet.</param>
    public Task RecordAsync(
        Actor? actor, AuditAction action, AuditOutcome outcome, Guid? studyId = null, string? detail = null, string? before = null,
        string? after = null, string? source = null) =>
        RecordAsync([Make(actor, action, outcome, studyId, detail, before, after, source)]);

    /// <summary>An entry of now, for <see cref="RecordAsync(IReadOnlyList{AuditEntry})"/> at a later moment.</summary>
    internal AuditEntry Make(
        Actor? actor, AuditAction action, AuditOutcome outcome, Guid? studyId, string? detail, string? before = null, string? after = null,
        string? source = null) => new()
        {
            At = time.GetUtcNow(),
            UserId = actor?.UserId,
            UserName = actor?.UserName,
            Source = Cut(source ?? actor?.Source, AuditEntry.MaxSourceLength),
            Action = action,
            Outcome = outcome,
            StudyId = studyId,
            Detail = detail,
            Before = Cut(before, AuditEntry.MaxTextLength),
            After = Cut(after, AuditEntry.MaxTextLength),
        };

    internal async Task RecordAsync(IReadOnlyList<AuditEntry> entries)
    {
        await using var db = await contexts.CreateDbContextAsync();
        db.Audit.AddRange(entries.Select(Stamp));
        try
        {
            await db.SaveChangesAsync();
        }
        catch (Exception e) when (AuditSpill.TakesOver(e))
        {
            foreach (var entry in entries)
            {
                entry.IsSpilled = true;
                await spill.WriteAsync(Stamp(entry));
            }
        }
    }

    AuditEntry Stamp(AuditEntry entry)
    {
        entry.Stamp = key.Stamp(entry);
        return entry;
    }

    [return: NotNullIfNotNull(nameof(text))]
    internal static string? Cut(string? text, int length) => text?.Length > length ? text[..length] : text;
}

using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.References;

/// <summary>
/// References from another program, in one step: what the same lines of a file would do, each with its fate; refused ones are left out.
/// </summary>
public sealed class SubmitReferences(IDbContextFactory<CovidCxrDbContext> contexts, AuditLog audit, TimeProvider time)
{
    /// <returns>What was done, or would be where <paramref name="isDryRun"/>; with an error nothing was.</returns>
    public async Task<ReferencePlan> RunAsync(
        IReadOnlyList<ReferenceEntry> entries, bool isDryRun, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        if (entries.Count is 0 or > ReferenceCsv.MaxLines)
        {
            return new([], $"1 to {ReferenceCsv.MaxLines} references are taken at once.");
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var plan = await ReferencePlanner.PlanAsync(
            db, [.. entries.Select((e, i) => ReferenceCsv.Read(i + 1, e))], time.GetUtcNow(), cancellation);
        if (isDryRun || !plan.HasWork)
        {
            // The answer tells of studies and of what stands.
            await audit.RecordAsync(
                actor, AuditAction.ReferenceImport, AuditOutcome.Succeeded,
                detail: (isDryRun ? "dry run: " : "") + ReferencePlanner.Counts(plan));
            return plan;
        }

        ReferencePlanner.AddTo(db, audit, plan, actor, time.GetUtcNow());
        try
        {
            await db.SaveChangesAsync(cancellation);
            return plan;
        }
        catch (DbUpdateException)
        {
            return new([], "Another finding was just recorded for one of these studies; nothing was done. Send them again.");
        }
    }
}

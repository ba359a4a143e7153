using CovidCxr.Domain.Accounts;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.References;

/// <summary>References from a file: first a plan that changes nothing, then exactly that plan.</summary>
public sealed class ImportReferences(IDbContextFactory<CovidCxrDbContext> contexts, AuditLog audit, TimeProvider time)
{
    public async Task<ReferencePlan> PreviewAsync(string csv, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await PlanAsync(db, csv, cancellation);
    }

    /// <returns>Null where the plan was carried out as a whole; otherwise why nothing was.</returns>
    public async Task<string?> RunAsync(string csv, ReferencePlan previewed, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var plan = await PlanAsync(db, csv, cancellation);
        if (plan.Error is not null || !plan.Lines.SequenceEqual(previewed.Lines))
        {
            return "Studies or findings have changed since the preview. Look at it again.";
        }

        ReferencePlanner.AddTo(db, audit, plan, actor, time.GetUtcNow());
        try
        {
            await db.SaveChangesAsync(cancellation);
            return null;
        }
        catch (DbUpdateException)
        {
            return "Another finding was just recorded for one of these studies. Look at the preview again.";
        }
    }

    async Task<ReferencePlan> PlanAsync(CovidCxrDbContext db, string csv, CancellationToken cancellation)
    {
        var (lines, error) = ReferenceCsv.Parse(csv);
        return error is not null ? new([], error) : await ReferencePlanner.PlanAsync(db, lines, time.GetUtcNow(), cancellation);
    }
}

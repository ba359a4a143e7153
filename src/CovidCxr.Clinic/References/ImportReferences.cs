using CovidCxr.Domain.Accounts;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.References;

/// <summary>References from a file: first a plan that changes nothing, then exactly that plan.</summary>
public sealed class ImportReferences(IDbContextFactory<CovidCxrDbContext> contexts, AuditLog audit, TimeProvider time)
{
    /// <param name="orders">Answers to the questions of a preview before; null before any.</param>
    public async Task<ReferencePlan> PreviewAsync(
        string csv, Actor actor, CancellationToken cancellation, DayOrders? orders = null)
    {
        actor.Demand(Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await PlanAsync(db, csv, orders ?? new(), cancellation);
    }

    /// <returns>Null where the plan was carried out as a whole; otherwise why nothing was.</returns>
    public async Task<string?> RunAsync(string csv, ReferencePlan previewed, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var plan = await PlanAsync(db, csv, previewed.Orders, cancellation);
        if (plan.Error is not null || plan.Questions.Count > 0 || !plan.Lines.SequenceEqual(previewed.Lines))
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

    async Task<ReferencePlan> PlanAsync(CovidCxrDbContext db, string csv, DayOrders orders, CancellationToken cancellation)
    {
        var (lines, error, questions) = ReferenceCsv.Parse(csv, orders);
        var plan = error is not null || questions.Count > 0
            ? new([], error) { Questions = questions }
            : await ReferencePlanner.PlanAsync(db, lines, time.GetUtcNow(), cancellation);
        return plan with { Orders = orders };
    }
}

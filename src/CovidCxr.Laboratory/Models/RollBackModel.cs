using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CovidCxr.Laboratory.Models;

/// <summary>
/// Takes the active version out of service and returns to the one that was accepted and active last before it. What is withdrawn loses its
/// signatures, so that no roll back returns to it.
/// </summary>
public sealed class RollBackModel(
    IDbContextFactory<CovidCxrDbContext> contexts, IOptions<ModelOptions> options, ActivateModel activate, AuditLog audit)
{
    /// <param name="expectedActive">The version that the person saw as active, and withdraws.</param>
    /// <returns>Null where it worked, else why not.</returns>
    public async Task<string?> RunAsync(Guid expectedActive, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        if (await FindAsync(cancellation) is { } target)
        {
            return await activate.ReturnAsync(target.Id, expectedActive, actor, cancellation);
        }

        await audit.RecordAsync(actor, AuditAction.ModelActivate, AuditOutcome.Refused, detail: "roll back");
        return "There is no earlier version to return to that was accepted and not withdrawn.";
    }

    /// <summary>The version that a roll back would return to; null for none.</summary>
    public async Task<(Guid Id, int Number)?> FindAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var before = await (
            from p in db.ModelPeriods
            join m in db.ModelVersions on p.ModelVersionId equals m.Id
            where !m.IsActive
            orderby p.Number descending
            select m).AsNoTracking().ToListAsync(cancellation);
        foreach (var version in before.DistinctBy(m => m.Id))
        {
            if ((await Acceptance.ReadAsync(db, version, options.Value, cancellation, withdraws: true)).Objection is null)
            {
                return (version.Id, version.Number);
            }
        }

        return null;
    }
}

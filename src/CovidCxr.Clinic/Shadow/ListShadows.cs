using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Models;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Shadow;

/// <param name="Number">Of the version.</param>
public sealed record ShadowPeriodView(int Number, string Name, ShadowPeriod Period);

/// <param name="Periods">The newest first.</param>
/// <param name="Candidates">Versions that could go into the shadow, the newest first.</param>
public sealed record ShadowList(IReadOnlyList<ShadowPeriodView> Periods, IReadOnlyList<ShadowCandidate> Candidates);

public sealed record ShadowCandidate(Guid Id, int Number, string Name);

/// <summary>What was in the shadow when, and what could be.</summary>
public sealed class ListShadows(IDbContextFactory<CovidCxrDbContext> contexts)
{
    public async Task<ShadowList> RunAsync(Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead, Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var periods = await (
            from p in db.ShadowPeriods.AsNoTracking()
            join m in db.ModelVersions on p.ModelVersionId equals m.Id
            orderby p.From descending
            select new ShadowPeriodView(m.Number, m.Name, p)).ToListAsync(cancellation);
        var candidates = await db.ModelVersions.Where(m => !m.IsActive).OrderByDescending(m => m.Number)
            .Select(m => new ShadowCandidate(m.Id, m.Number, m.Name)).ToListAsync(cancellation);
        return new(periods, candidates);
    }
}

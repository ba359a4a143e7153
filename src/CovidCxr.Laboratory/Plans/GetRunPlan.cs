using CovidCxr.Domain.Accounts;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Plans;

/// <summary>The plan of one run, and whether it kept to it. Null where there is no such run.</summary>
public sealed class GetRunPlan(IDbContextFactory<CovidCxrDbContext> contexts)
{
    public async Task<RunPlan?> RunAsync(Guid runId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (await db.TrainingRuns.AsNoTracking().SingleOrDefaultAsync(r => r.Id == runId, cancellation) is not { } run)
        {
            return null;
        }

        var version = await db.ModelVersions.AsNoTracking().SingleOrDefaultAsync(m => m.Id == run.ModelVersionId, cancellation);
        return await RunPlan.OfAsync(db, run, run.Kind == Domain.Runs.RunKind.Training ? version : null, cancellation);
    }
}

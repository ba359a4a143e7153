using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Models;

/// <param name="By">Null where the program did it, at its first start.</param>
public sealed record ModelPeriodView(
    Guid VersionId, int Number, string Name, DateTimeOffset From, DateTimeOffset? Until, string? By, bool IsRollBack, bool IsWithdrawn);

/// <summary>What was active when, the newest first.</summary>
public sealed class ListModelPeriods(IDbContextFactory<CovidCxrDbContext> contexts)
{
    public async Task<IReadOnlyList<ModelPeriodView>> RunAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await (
            from p in db.ModelPeriods
            join m in db.ModelVersions on p.ModelVersionId equals m.Id
            orderby p.Number descending
            select new ModelPeriodView(m.Id, m.Number, m.Name, p.From, p.Until, p.StartedByName, p.IsRollBack, p.IsWithdrawn))
            .ToListAsync(cancellation);
    }
}

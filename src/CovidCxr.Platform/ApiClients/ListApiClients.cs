using CovidCxr.Domain.Accounts;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.ApiClients;

/// <summary>Every client that there was, the newest first.</summary>
public sealed class ListApiClients(IDbContextFactory<CovidCxrDbContext> contexts)
{
    public async Task<IReadOnlyList<ApiClient>> RunAsync(Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await db.ApiClients.AsNoTracking().OrderByDescending(c => c.Id).ToListAsync(cancellation);
    }
}

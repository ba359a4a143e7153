using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Hospital;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Hospital.Inbox;

/// <param name="Page">From 0.</param>
/// <param name="State">Null for all.</param>
public sealed record ReceivedQuery(int Page = 0, int PageSize = 25, ReceivedState? State = null);

public sealed record ReceivedPage(IReadOnlyList<ReceivedObject> Objects, int Total);

/// <summary>What was received, newest first.</summary>
public sealed class ListReceived(IDbContextFactory<CovidCxrDbContext> contexts)
{
    public async Task<ReceivedPage> RunAsync(ReceivedQuery query, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var received = db.ReceivedObjects.AsNoTracking().Where(r => query.State == null || r.State == query.State);
        var size = Math.Clamp(query.PageSize, 1, 200);
        var page = await received.OrderByDescending(r => r.Id).Skip((int)Math.Min((long)Math.Max(query.Page, 0) * size, int.MaxValue))
            .Take(size).ToListAsync(cancellation);
        return new(page, await received.CountAsync(cancellation));
    }
}

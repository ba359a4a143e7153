using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.Audit;

/// <param name="Page">From 0.</param>
/// <param name="UserName">Its beginning.</param>
public sealed record AuditQuery(
    int Page = 0, int PageSize = 50, AuditAction? Action = null, AuditOutcome? Outcome = null, string? UserName = null,
    DateTimeOffset? From = null, DateTimeOffset? To = null);

public sealed record AuditPage(IReadOnlyList<AuditEntry> Entries, int Total);

/// <summary>The audit trail for the administrator, newest first.</summary>
public sealed class ListAuditEntries(IDbContextFactory<CovidCxrDbContext> contexts)
{
    public async Task<AuditPage> RunAsync(AuditQuery query, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var entries = db.Audit.AsNoTracking()
            .Where(a => query.Action == null || a.Action == query.Action)
            .Where(a => query.Outcome == null || a.Outcome == query.Outcome)
            .Where(a => query.UserName == null || a.UserName!.StartsWith(query.UserName))
            .Where(a => query.From == null || a.At >= query.From)
            .Where(a => query.To == null || a.At < query.To);
        var size = Math.Clamp(query.PageSize, 1, 200);
        var page = await entries.OrderByDescending(a => a.Id).Skip((int)Math.Min((long)Math.Max(query.Page, 0) * size, int.MaxValue))
            .Take(size).ToListAsync(cancellation);
        return new(page, await entries.CountAsync(cancellation));
    }
}

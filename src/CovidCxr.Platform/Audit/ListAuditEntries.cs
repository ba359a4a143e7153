using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.Audit;

/// <param name="Page">From 0.</param>
/// <param name="UserName">Its beginning.</param>
public sealed record AuditQuery(
    int Page = 0, int PageSize = 50, AuditAction? Action = null, AuditOutcome? Outcome = null, string? UserName = null,
    DateTimeOffset? From = null, DateTimeOffset? To = null, Guid? StudyId = null)
{
    internal IQueryable<AuditEntry> Of(CovidCxrDbContext db) => db.Audit.AsNoTracking()
        .Where(a => Action == null || a.Action == Action)
        .Where(a => Outcome == null || a.Outcome == Outcome)
        .Where(a => UserName == null || a.UserName!.StartsWith(UserName))
        .Where(a => StudyId == null || a.StudyId == StudyId)
        .Where(a => From == null || a.At >= From)
        .Where(a => To == null || a.At < To);
}

public sealed record AuditPage(IReadOnlyList<AuditEntry> Entries, int Total);

/// <summary>The audit trail for the administrator, newest first.</summary>
public sealed class ListAuditEntries(IDbContextFactory<CovidCxrDbContext> contexts)
{
    public async Task<AuditPage> RunAsync(AuditQuery query, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var entries = query.Of(db);
        var size = Math.Clamp(query.PageSize, 1, 200);
        var page = await entries.OrderByDescending(a => a.Id).Skip((int)Math.Min((long)Math.Max(query.Page, 0) * size, int.MaxValue))
            .Take(size).ToListAsync(cancellation);
        return new(page, await entries.CountAsync(cancellation));
    }
}

using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Hospital;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Hospital.Hl7;

/// <param name="Page">From 0.</param>
/// <param name="State">Null for all.</param>
public sealed record MessageQuery(int Page = 0, int PageSize = 25, MessageState? State = null);

public sealed record MessagePage(IReadOnlyList<ReceivedMessage> Messages, int Total);

/// <summary>Messages about patients, newest first.</summary>
public sealed class ListMessages(IDbContextFactory<CovidCxrDbContext> contexts, ViewLog views)
{
    public async Task<MessagePage> RunAsync(MessageQuery query, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var messages = db.ReceivedMessages.AsNoTracking().Where(m => query.State == null || m.State == query.State);
        var size = Math.Clamp(query.PageSize, 1, 200);
        var page = await messages.OrderByDescending(m => m.Id).Skip((int)Math.Min((long)Math.Max(query.Page, 0) * size, int.MaxValue))
            .Take(size).ToListAsync(cancellation);
        await views.NoteOnceAMinuteAsync(actor, AuditAction.ListView, null, "messages");
        return new(page, await messages.CountAsync(cancellation));
    }
}

using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Webhooks;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Webhooks;

/// <param name="State">Null where the configuration does not send there, or has done so for moments only.</param>
/// <param name="Counts">Of every state that occurs.</param>
public sealed record WebhookAddressView(
    WebhookAddressOptions Options, WebhookAddress? State, IReadOnlyDictionary<WebhookState, int> Counts);

/// <param name="Page">From 0.</param>
/// <param name="State">Null for all.</param>
public sealed record WebhookQuery(int Page = 0, int PageSize = 25, WebhookState? State = null);

public sealed record WebhookPage(IReadOnlyList<WebhookAddressView> Addresses, IReadOnlyList<WebhookMessage> Messages, int Total);

/// <summary>Which addresses are told, and what they were, are and are to be told, newest first.</summary>
public sealed class ListWebhooks(IDbContextFactory<CovidCxrDbContext> contexts, IOptions<WebhookOptions> options, ViewLog views)
{
    public async Task<WebhookPage> RunAsync(WebhookQuery query, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var states = await db.WebhookAddresses.AsNoTracking().ToDictionaryAsync(a => a.Name, cancellation);
        var counts = await db.WebhookMessages.GroupBy(m => new { m.Address, m.State })
            .Select(g => new { g.Key.Address, g.Key.State, Count = g.Count() }).ToListAsync(cancellation);
        var messages = db.WebhookMessages.AsNoTracking().Where(m => query.State == null || m.State == query.State);
        var size = Math.Clamp(query.PageSize, 1, 200);
        var page = await messages.OrderByDescending(m => m.Id).Skip((int)Math.Min((long)Math.Max(query.Page, 0) * size, int.MaxValue))
            .Take(size).ToListAsync(cancellation);
        await views.NoteOnceAMinuteAsync(actor, AuditAction.ListView, null, "webhooks");
        return new(
            [
                .. options.Value.Addresses.Select(a => new WebhookAddressView(
                    a, states.GetValueOrDefault(a.Name),
                    counts.Where(c => c.Address == a.Name).ToDictionary(c => c.State, c => c.Count))),
            ],
            page, await messages.CountAsync(cancellation));
    }
}

/// <summary>Whether addresses take what they are told.</summary>
sealed class WebhookHealth(IDbContextFactory<CovidCxrDbContext> contexts, IOptions<WebhookOptions> options) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!options.Value.Addresses.Any(a => a.Send))
        {
            return HealthCheckResult.Healthy();
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var failed = await db.WebhookMessages.CountAsync(m => m.State == WebhookState.Failed, cancellationToken);
        return failed == 0
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded($"{failed} messages were given up; the page Webhooks says why");
    }
}

using CovidCxr.Domain.Webhooks;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Webhooks;

/// <summary>
/// Queues a message for each address and event. Events are read from the audit trail, which each action writes in its own transaction; how
/// far it was read is saved together with the messages. So a kill at any place loses none and doubles none.
/// </summary>
sealed class QueueWebhooks(IDbContextFactory<CovidCxrDbContext> contexts, IOptions<WebhookOptions> options, TimeProvider time)
{
    const int Batch = 500;

    static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    /// <summary>
    /// Notes from where on each address is told. One that is switched off is forgotten, with what waits for it: switched on again, it gets
    /// the events from then on.
    /// </summary>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var names = options.Value.Addresses.Where(a => a.Send).Select(a => a.Name).ToList();
        var now = time.GetUtcNow();
        WebhookState[] open = [WebhookState.Waiting, WebhookState.Failed];
        await db.WebhookMessages.Where(m => open.Contains(m.State) && !names.Contains(m.Address)).ExecuteUpdateAsync(
            s => s.SetProperty(m => m.State, WebhookState.Cancelled).SetProperty(m => m.SettledAt, now)
                .SetProperty(m => m.Reason, "The address was switched off in the settings."),
            cancellation);
        await db.WebhookAddresses.Where(a => !names.Contains(a.Name)).ExecuteDeleteAsync(cancellation);
        var known = await db.WebhookAddresses.Select(a => a.Name).ToListAsync(cancellation);
        var last = await db.Audit.MaxAsync(a => (long?)a.Id, cancellation) ?? 0;
        db.AddRange(names.Except(known).Select(name => new WebhookAddress { Name = name, LastAuditId = last }));
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Reads on in the trail.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var address in options.Value.Addresses.Where(a => a.Send))
        {
            while (await QueueAsync(address, cancellation))
            {
                // There may be more.
            }
        }
    }

    /// <summary>Removes what was settled long ago, what was given up too.</summary>
    public async Task ForgetAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var before = time.GetUtcNow() - Kept;
        await db.WebhookMessages
            .Where(m => m.State != WebhookState.Waiting && m.SettledAt < before)
            .ExecuteDeleteAsync(cancellation);
    }

    /// <returns>Whether there may be more.</returns>
    async Task<bool> QueueAsync(WebhookAddressOptions address, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (!await db.WebhookAddresses.AnyAsync(
            a => a.Name == address.Name && db.Audit.Any(e => e.Id > a.LastAuditId), cancellation))
        {
            return false;
        }

        // Nobody else writes until the end: no second program reads the same entries, and none is added before one that was read.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var place = await db.WebhookAddresses.SingleAsync(a => a.Name == address.Name, cancellation);
        var end = await db.Audit.MaxAsync(a => (long?)a.Id, cancellation) ?? 0;
        var entries = await db.Audit.AsNoTracking()
            .Where(a => a.Id > place.LastAuditId && WebhookEvents.Actions.Contains(a.Action)).OrderBy(a => a.Id).Take(Batch)
            .ToListAsync(cancellation);
        var asked = entries.Where(WebhookEvents.IsUndoneWithdrawal).Select(e => e.StudyId).OfType<Guid>().ToList();
        var withdrawn = await db.AllStudies.Where(s => asked.Contains(s.Id) && s.IsWithdrawn).Select(s => s.Id)
            .ToHashSetAsync(cancellation);
        foreach (var entry in entries)
        {
            if (WebhookEvents.Of(entry, withdrawn.Contains(entry.StudyId ?? Guid.Empty)) is { } name && address.Wants(name))
            {
                db.WebhookMessages.Add(new()
                {
                    Address = address.Name,
                    Event = name,
                    StudyId = entry.StudyId,
                    At = entry.At,
                    NotBefore = time.GetUtcNow(),
                });
            }
        }

        place.LastAuditId = entries.Count == Batch ? entries[^1].Id : end;
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return entries.Count == Batch;
    }
}

using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Webhooks;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.Webhooks;

public enum WebhookAction
{
    /// <summary>As if it had never been tried.</summary>
    Retry,

    /// <summary>It is not sent, or not looked after any more.</summary>
    Cancel,
}

/// <summary>A person tries a message again that was given up, or stops one that waits.</summary>
public sealed class ControlWebhook(IDbContextFactory<CovidCxrDbContext> contexts, AuditLog audit, TimeProvider time)
{
    /// <returns>Why not, in words; null where it was done.</returns>
    public async Task<string?> RunAsync(Guid id, WebhookAction action, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var message = await db.WebhookMessages.SingleOrDefaultAsync(m => m.Id == id, cancellation);
        var now = time.GetUtcNow();
        if (action == WebhookAction.Retry && message is not null
            && !await db.WebhookAddresses.AnyAsync(a => a.Name == message.Address, cancellation))
        {
            return "Its address is told nothing any more.";
        }

        switch (action, message?.State)
        {
            case (WebhookAction.Retry, WebhookState.Failed or WebhookState.Cancelled):
                (message.State, message.Attempts, message.NotBefore, message.Reason, message.SettledAt) =
                    (WebhookState.Waiting, 0, now, null, null);
                break;
            case (WebhookAction.Cancel, WebhookState.Waiting or WebhookState.Failed):
                (message.State, message.Reason, message.SettledAt) = (WebhookState.Cancelled, "A person cancelled it.", now);
                break;
            default:
                return "Its state is another one by now. Look again.";
        }

        audit.AddTo(db, actor, AuditAction.WebhookControl, AuditOutcome.Succeeded, message.StudyId, $"{action}: {id:N}");
        await db.SaveChangesAsync(cancellation);
        return null;
    }
}

using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.Webhooks;

/// <summary>A person stops an address, so that messages wait, or starts it again.</summary>
public sealed class SwitchWebhooks(IDbContextFactory<CovidCxrDbContext> contexts, AuditLog audit)
{
    /// <returns>Why not, in words; null where it was done.</returns>
    public async Task<string?> RunAsync(string name, bool isStopped, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (await db.WebhookAddresses.SingleOrDefaultAsync(a => a.Name == name, cancellation) is not { } address)
        {
            return "Nothing is sent there: the configuration switches it off (Webhooks:Addresses:Send).";
        }

        audit.AddTo(
            db, actor, AuditAction.WebhookControl, AuditOutcome.Succeeded, detail: $"{(isStopped ? "Stop" : "Start")}: {name}",
            before: Words(address.IsStopped), after: Words(isStopped));
        address.IsStopped = isStopped;
        await db.SaveChangesAsync(cancellation);
        return null;
    }

    static string Words(bool isStopped) => isStopped ? "stopped" : "sending";
}

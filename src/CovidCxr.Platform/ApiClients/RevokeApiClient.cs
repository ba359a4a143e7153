using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.ApiClients;

/// <summary>Takes a key back, from the next request on. Nothing brings it back.</summary>
public sealed class RevokeApiClient(IDbContextFactory<CovidCxrDbContext> contexts, AuditLog audit, TimeProvider time)
{
    /// <returns>Why not, in words; null where it was done.</returns>
    public async Task<string?> RunAsync(Guid id, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (await db.ApiClients.SingleOrDefaultAsync(c => c.Id == id && c.RevokedAt == null, cancellation) is not { } client)
        {
            return "It is revoked already.";
        }

        client.RevokedAt = time.GetUtcNow();
        audit.AddTo(
            db, actor, AuditAction.ApiClientChange, AuditOutcome.Succeeded, detail: $"Revoke: {client.Name}, {client.Prefix}");
        await db.SaveChangesAsync(cancellation);
        return null;
    }
}

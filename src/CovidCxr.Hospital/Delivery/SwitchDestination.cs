using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Hospital.Delivery;

/// <summary>A person stops a destination, so that results wait, or starts it again.</summary>
public sealed class SwitchDestination(IDbContextFactory<CovidCxrDbContext> contexts, AuditLog audit)
{
    /// <returns>Why not, in words; null where it was done.</returns>
    public async Task<string?> RunAsync(string name, bool isStopped, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var destination = await db.ResultDestinations.SingleOrDefaultAsync(d => d.Name == name, cancellation);
        if (destination is null)
        {
            return "Nothing is sent there: the configuration switches it off (Hospital:Destinations:Send).";
        }

        audit.AddTo(
            db, actor, AuditAction.ResultControl, AuditOutcome.Succeeded, detail: $"{(isStopped ? "Stop" : "Start")}: {name}",
            before: Words(destination.IsStopped), after: Words(isStopped));
        destination.IsStopped = isStopped;
        await db.SaveChangesAsync(cancellation);
        return null;
    }

    static string Words(bool isStopped) => isStopped ? "stopped" : "sending";
}

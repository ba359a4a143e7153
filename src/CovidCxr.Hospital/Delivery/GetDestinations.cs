using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Hospital;
using CovidCxr.Hospital.Peers;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace CovidCxr.Hospital.Delivery;

/// <param name="State">Null where the configuration does not send there, or has done so for moments only.</param>
/// <param name="Counts">Of every state that occurs.</param>
public sealed record DestinationView(
    DestinationOptions Options, ResultDestination? State, IReadOnlyDictionary<DeliveryState, int> Counts);

/// <summary>Where results go, and how many are in which state.</summary>
public sealed class GetDestinations(IDbContextFactory<CovidCxrDbContext> contexts, IOptions<HospitalOptions> options)
{
    public async Task<IReadOnlyList<DestinationView>> RunAsync(Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var states = await db.ResultDestinations.AsNoTracking().ToDictionaryAsync(d => d.Name, cancellation);
        var counts = await db.OutgoingResults.GroupBy(r => new { r.Destination, r.State })
            .Select(g => new { g.Key.Destination, g.Key.State, Count = g.Count() }).ToListAsync(cancellation);
        return
        [
            .. options.Value.Destinations.Select(d => new DestinationView(
                d, states.GetValueOrDefault(d.Name),
                counts.Where(c => c.Destination == d.Name).ToDictionary(c => c.State, c => c.Count))),
        ];
    }
}

/// <summary>Whether results reach their destinations.</summary>
sealed class DeliveryHealth(IDbContextFactory<CovidCxrDbContext> contexts, IOptions<HospitalOptions> options) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var sent = options.Value.Destinations.Where(d => d.Send).ToList();
        if (sent.Count == 0)
        {
            return HealthCheckResult.Healthy();
        }

        if (sent.Exists(d => d.IsDicom) && Dcmtk.Find("dcmsend") is null)
        {
            return HealthCheckResult.Degraded(Dcmtk.Missing);
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var failed = await db.OutgoingResults.CountAsync(r => r.State == DeliveryState.Failed, cancellationToken);
        return failed == 0
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded($"{failed} results could not be delivered; the page Results says why.");
    }
}

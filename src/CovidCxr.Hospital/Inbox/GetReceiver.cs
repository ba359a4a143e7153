using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Hospital;
using CovidCxr.Hospital.Peers;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace CovidCxr.Hospital.Inbox;

/// <param name="Message">Whether and how films are received, in words.</param>
/// <param name="Counts">Of every state that occurs.</param>
public sealed record ReceiverView(
    bool IsOn, bool IsWell, string Message, int Associations, IReadOnlyDictionary<ReceivedState, int> Counts,
    IReadOnlyList<PeerOptions> Peers);

/// <summary>Whether films are received, how many, and from whom.</summary>
public sealed class GetReceiver(IDbContextFactory<CovidCxrDbContext> contexts, ReceiverState state, IOptions<HospitalOptions> options)
{
    public async Task<ReceiverView> RunAsync(Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var counts = await db.ReceivedObjects.GroupBy(r => r.State).Select(g => new { g.Key, Count = g.Count() })
            .ToDictionaryAsync(g => g.Key, g => g.Count, cancellation);
        var (isWell, message) = Judge(state, options.Value);
        return new(options.Value.Receive, isWell, message, state.Associations, counts, options.Value.Peers);
    }

    internal static (bool IsWell, string Message) Judge(ReceiverState state, HospitalOptions options) => (options.Receive, state) switch
    {
        (false, _) => (true, "switched off (Hospital:Receive)"),
        (_, { IsElsewhere: true }) => (true, "another program of this installation listens"),
        (_, { Fault: { } fault }) => (false, fault),
        (_, { IsListening: false }) => (false, "not started yet"),
        _ => (true, $"listening as {options.AeTitle} on {Ports(options)}"),
    };

    static string Ports(HospitalOptions options) => options switch
    {
        { TlsPort: 0 } => $"port {options.Port}",
        { Port: 0 } => $"port {options.TlsPort} by TLS alone",
        _ => $"port {options.Port}, and {options.TlsPort} by TLS",
    };
}

/// <summary>Whether films from the network arrive, where they should.</summary>
sealed class ReceiverHealth(ReceiverState state, IOptions<HospitalOptions> options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var (isWell, message) = GetReceiver.Judge(state, options.Value);
        return Task.FromResult(isWell ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(message));
    }
}

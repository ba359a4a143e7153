using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Hospital;
using CovidCxr.Hospital.Inbox;
using CovidCxr.Hospital.Peers;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace CovidCxr.Hospital.Hl7;

/// <summary>Whether this process receives messages.</summary>
public sealed class MessageReceiverState : ReceiverState;

/// <param name="Message">Whether and how messages are received, in words.</param>
/// <param name="Counts">Of every state that occurs.</param>
public sealed record MessageReceiverView(
    bool IsOn, bool IsWell, string Message, int Senders, IReadOnlyDictionary<MessageState, int> Counts);

/// <summary>Whether messages about patients are received, and how many.</summary>
public sealed class GetMessageReceiver(
    IDbContextFactory<CovidCxrDbContext> contexts, MessageReceiverState state, IOptions<HospitalOptions> options)
{
    public async Task<MessageReceiverView> RunAsync(Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var counts = await db.ReceivedMessages.GroupBy(m => m.State).Select(g => new { g.Key, Count = g.Count() })
            .ToDictionaryAsync(g => g.Key, g => g.Count, cancellation);
        var (isWell, message) = Judge(state, options.Value.Hl7);
        return new(options.Value.Hl7.Receive, isWell, message, state.Associations, counts);
    }

    internal static (bool IsWell, string Message) Judge(MessageReceiverState state, Hl7Options options) => (options.Receive, state) switch
    {
        (false, _) => (true, "switched off (Hospital:Hl7:Receive)"),
        (_, { IsElsewhere: true }) => (true, "another program of this installation listens"),
        (_, { Fault: { } fault }) => (false, fault),
        (_, { IsListening: false }) => (false, "not started yet"),
        _ => (true, $"listening on port {options.Port}{(options.Certificate.Length > 0 ? " by TLS" : "")}"),
    };
}

/// <summary>Whether messages about patients arrive, where they should.</summary>
sealed class MessageReceiverHealth(MessageReceiverState state, IOptions<HospitalOptions> options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var (isWell, message) = GetMessageReceiver.Judge(state, options.Value.Hl7);
        return Task.FromResult(isWell ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(message));
    }
}

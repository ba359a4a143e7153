using CovidCxr.Platform.Nodes;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Platform.Audit;

/// <summary>Seals the trail every second, and looks at the whole of it at the start and every hour.</summary>
public sealed class AuditWatch(
    AuditTrail trail, ArchiveAudit archive, OneAtWork turns, TimeProvider time, ILogger<AuditWatch> logger)
    : WorkOfOne("audit", turns)
{
    static readonly TimeSpan Every = TimeSpan.FromSeconds(1), Whole = TimeSpan.FromHours(1);

    /// <summary>The last look at the whole; null before the first.</summary>
    public AuditReport? Last { get; private set; }

    /// <summary>Why the last sealing failed; null where it did not.</summary>
    public string? Failure { get; private set; }

    /// <summary>One look at the whole.</summary>
    public async Task<AuditReport> VerifyAsync(CancellationToken cancellation)
    {
        await trail.SealAsync(cancellation);
        Last = await trail.VerifyAsync(cancellation);
        if (Last.IsWhole)
        {
            logger.LogInformation("The audit trail is whole: {Entries} entries", Last.Sealed);
        }
        else
        {
            logger.LogError("The audit trail was altered in {Places} places. {First}", Last.Altered, Last.Findings[0]);
        }

        return Last;
    }

    protected override async Task WorkAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            try
            {
                if (Last is null || time.GetUtcNow() - Last.At >= Whole)
                {
                    // Of a trail that does not fit nothing is taken away.
                    if ((await VerifyAsync(stopping)).IsWhole)
                    {
                        await archive.RunAsync(stopping);
                    }
                }

                await trail.SealAsync(stopping);
                Failure = null;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Whatever it is, the program serves on, and health says so.
                Failure = e.GetType().Name;
                logger.LogError("The audit trail could not be sealed, and is tried again: {Reason}", Failure);
            }
        }
        while (await timer.WaitForNextTickAsync(stopping));
    }
}

/// <summary>Whether the trail was whole when it was last looked at.</summary>
sealed class AuditHealth(AuditWatch watch, AuditSpill spill) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult((watch.Last, watch.Failure, spill.Known) switch
        {
            (_, _, (_, > 0 and var lost)) => HealthCheckResult.Degraded($"{lost} entries were lost: the disk is full"),
            ({ IsWhole: false } report, _, _) => HealthCheckResult.Degraded($"altered in {report.Altered} places"),
            (_, _, ( > 0 and var waiting, _)) =>
                HealthCheckResult.Degraded($"{waiting} entries wait in a file: the database cannot be written"),
            (_, { } failure, _) => HealthCheckResult.Degraded($"cannot be sealed ({failure})"),
            _ => HealthCheckResult.Healthy(),
        });
}

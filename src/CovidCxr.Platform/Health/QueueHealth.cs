using CovidCxr.Domain.Jobs;
using CovidCxr.Domain.Models;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CovidCxr.Platform.Health;

/// <summary>
/// Whether jobs are worked on: the oldest that could run has not waited for long. Nobody waits for the scores of a version in the shadow.
/// </summary>
sealed class QueueHealth(IDbContextFactory<CovidCxrDbContext> contexts, TimeProvider time) : IHealthCheck
{
    /// <summary>A folder of films dropped at once is through in less; what waits longer waits for something that is broken.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var due = db.Jobs.Where(j => j.State == JobState.Queued && j.NotBefore <= now && j.Kind != ShadowPeriod.JobKind);
        var oldest = await due.OrderBy(j => j.NotBefore).Select(j => (DateTimeOffset?)j.NotBefore).FirstOrDefaultAsync(cancellationToken);
        return oldest is { } since && now - since > Longest
            ? HealthCheckResult.Degraded(
                $"{await due.CountAsync(cancellationToken)} wait, the oldest for {(int)(now - since).TotalMinutes} minutes")
            : HealthCheckResult.Healthy();
    }
}

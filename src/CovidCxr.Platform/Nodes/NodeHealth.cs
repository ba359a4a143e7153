using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CovidCxr.Platform.Nodes;

/// <summary>Whether the program takes requests: one that is about to stop does not.</summary>
sealed class NodeHealth(ThisNode node) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(node.IsDraining ? HealthCheckResult.Unhealthy("about to stop") : HealthCheckResult.Healthy());
}

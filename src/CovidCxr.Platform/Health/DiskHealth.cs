using CovidCxr.Storage.Files;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CovidCxr.Platform.Health;

/// <summary>Whether the disk of the data folder has room.</summary>
sealed class DiskHealth(DataFolder folder) : IHealthCheck
{
    /// <summary>A day's films of a busy department take less than the first; below the second an upload may fail at any moment.</summary>
    public const long Scarce = 2_000_000_000, Full = 100_000_000;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Judge(new DriveInfo(folder.Root).AvailableFreeSpace));

    public static HealthCheckResult Judge(long free) => free switch
    {
        < Full => HealthCheckResult.Unhealthy($"{free / 1_000_000} MB are left"),
        < Scarce => HealthCheckResult.Degraded($"{free / 1_000_000} MB are left"),
        _ => HealthCheckResult.Healthy(),
    };
}

using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CovidCxr.Platform.Health;

/// <summary>What a report says is not as it should be.</summary>
public static class HealthReports
{
    /// <returns>The checks' names, and a sentence of each.</returns>
    public static IEnumerable<(string Name, string Words)> Lacking(this HealthReport report) =>
        report.Entries.Where(e => e.Value.Status != HealthStatus.Healthy).Select(e => (e.Key, e.Value.Description ?? "the check failed"));
}

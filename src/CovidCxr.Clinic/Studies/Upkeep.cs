using CovidCxr.Platform.Jobs;
using CovidCxr.Platform.Nodes;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Clinic.Studies;

/// <summary>Removes what crashes left on the disk, and describes films not yet described.</summary>
public sealed class Upkeep(SweepImages sweep, DescribeStudies describe, OneAtWork turns, TimeProvider time, ILogger<Upkeep> logger)
    : HourlyWork("The upkeep of the studies", turns, time, logger)
{
    protected override async Task RunAsync(CancellationToken cancellation)
    {
        await sweep.RunAsync(cancellation);
        await describe.RunAsync(cancellation);
    }
}

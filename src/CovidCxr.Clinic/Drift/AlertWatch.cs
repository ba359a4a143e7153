using CovidCxr.Platform.Jobs;
using CovidCxr.Platform.Nodes;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Clinic.Drift;

/// <summary>Looks every hour whether a measure has left its limits.</summary>
public sealed class AlertWatch(CheckAlerts check, OneAtWork turns, TimeProvider time, ILogger<AlertWatch> logger)
    : HourlyWork("The check for alerts", turns, time, logger)
{
    protected override Task RunAsync(CancellationToken cancellation) => check.RunAsync(actor: null, cancellation);
}

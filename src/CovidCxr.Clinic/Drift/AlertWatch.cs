using CovidCxr.Platform.Jobs;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Clinic.Drift;

/// <summary>Looks every hour whether a measure has left its limits.</summary>
public sealed class AlertWatch(CheckAlerts check, TimeProvider time, ILogger<AlertWatch> logger)
    : HourlyWork("The check for alerts", time, logger)
{
    protected override Task RunAsync(CancellationToken cancellation) => check.RunAsync(actor: null, cancellation);
}

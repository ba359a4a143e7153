using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Clinic.Drift;

/// <summary>Checks for alerts every hour, the first time when the start is over.</summary>
public sealed class AlertWatch(CheckAlerts check, TimeProvider time, ILogger<AlertWatch> logger) : BackgroundService
{
    static readonly TimeSpan First = TimeSpan.FromMinutes(1), Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(First, time, stoppingToken);
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                await check.RunAsync(actor: null, stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The watch is the last boundary: one bad moment of the database must not end it. A message might quote a patient.
                logger.LogError("The check for alerts met {Error} and comes again.", e.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}

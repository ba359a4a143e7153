using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Clinic.Studies;

/// <summary>A minute after the start and every hour: removes what crashes left on the disk, describes films not yet described.</summary>
public sealed class Upkeep(SweepImages sweep, DescribeStudies describe, TimeProvider time, ILogger<Upkeep> logger)
    : BackgroundService
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
                await sweep.RunAsync(stoppingToken);
                await describe.RunAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // One bad moment of disk or database must not end it. A message might quote a patient.
                logger.LogError("The upkeep of the studies met {Error} and comes again.", e.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}

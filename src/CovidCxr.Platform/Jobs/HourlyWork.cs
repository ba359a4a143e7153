using CovidCxr.Platform.Nodes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Platform.Jobs;

/// <summary>Work that comes round a minute after the start and every hour. One bad moment of disk or database does not end it.</summary>
/// <param name="name">What the log calls it.</param>
/// <param name="turns">Lets one of several programs do it; null for what each does for itself.</param>
public abstract class HourlyWork(string name, OneAtWork? turns, TimeProvider time, ILogger logger) : BackgroundService
{
    static readonly TimeSpan First = TimeSpan.FromMinutes(1), Interval = TimeSpan.FromHours(1);

    /// <summary>One round.</summary>
    protected abstract Task RunAsync(CancellationToken cancellation);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(First, time, stoppingToken);
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                await (turns?.TryAsync(name, RunAsync, stoppingToken) ?? RunAsync(stoppingToken));
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The last boundary. A message might quote a patient.
                logger.LogError("{Work} met {Error} and comes again.", name, e.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}

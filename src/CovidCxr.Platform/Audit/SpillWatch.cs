using CovidCxr.Platform.Loops;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Platform.Audit;

/// <summary>Makes room for the entries of a time when the database cannot be written, and drains them; each program for itself.</summary>
sealed class SpillWatch(AuditSpill spill, ILogger<SpillWatch> logger) : BackgroundService
{
    static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            await GuardedLoop.TryAsync(LookAsync, "The audit trail's file for such times", Every, logger, stoppingToken);
            await GuardedLoop.PauseAsync(Every, stoppingToken);
        }
    }

    async Task LookAsync(CancellationToken cancellation)
    {
        await spill.PrepareAsync(cancellation);
        await spill.DrainAsync(cancellation);
    }
}

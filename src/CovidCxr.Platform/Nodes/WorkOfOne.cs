using Microsoft.Extensions.Hosting;

namespace CovidCxr.Platform.Nodes;

/// <summary>A service of which one is at work among all programs on the database.</summary>
/// <param name="name">The same in all of them.</param>
public abstract class WorkOfOne(string name, OneAtWork turns) : BackgroundService
{
    /// <summary>Cancelled where the host stops, or another program takes over; it may begin anew after that.</summary>
    protected abstract Task WorkAsync(CancellationToken stopping);

    /// <summary>Called while another program does it.</summary>
    protected virtual void Wait()
    {
    }

    protected sealed override Task ExecuteAsync(CancellationToken stoppingToken) => turns.RunAsync(
        name,
        async turn =>
        {
            await turns.LetLeaveAsync(turn);
            await WorkAsync(turn);
        },
        Wait, stoppingToken);
}

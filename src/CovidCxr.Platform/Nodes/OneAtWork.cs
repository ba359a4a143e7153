using System.Data.Common;
using CovidCxr.Platform.Loops;
using CovidCxr.Storage.Nodes;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Platform.Nodes;

/// <summary>
/// Lets one of several programs do a work that two would double. The others wait, and one of them takes over where it ends or is cut off
/// from the database.
/// </summary>
public sealed class OneAtWork(ThisNode node, NodeConnection connection, ILogger<OneAtWork> logger)
{
    static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    /// <summary>Does it, each time that it is this program's turn, until it ends by itself or the host stops.</summary>
    /// <param name="work">Its name, the same in all programs.</param>
    /// <param name="run">Is cancelled where the turn is lost.</param>
    /// <param name="wait">Called each time that it is another's turn; null for nothing to do then.</param>
    public async Task RunAsync(string work, Func<CancellationToken, Task> run, Action? wait, CancellationToken stopping)
    {
        // The host's start does not wait for it.
        await Task.Yield();
        while (!stopping.IsCancellationRequested)
        {
            if (await TryAsync(work, run, stopping))
            {
                return;
            }

            wait?.Invoke();
            await GuardedLoop.PauseAsync(Look, stopping);
        }
    }

    /// <summary>Does it, if it is this program's turn.</summary>
    /// <returns>Whether it was done to its end.</returns>
    public async Task<bool> TryAsync(string work, Func<CancellationToken, Task> run, CancellationToken cancellation)
    {
        if (!node.MayHaveOthers)
        {
            await run(cancellation);
            return true;
        }

        if (await TakeAsync(work, cancellation) is not { } taken)
        {
            return false;
        }

        using var lost = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watch = WatchAsync(work, taken, lost);
        try
        {
            await run(lost.Token);
            return !lost.IsCancellationRequested;
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            await lost.CancelAsync();
            await watch;
            await connection.GiveBackAsync(work, taken);
        }
    }

    async Task<long?> TakeAsync(string work, CancellationToken cancellation)
    {
        try
        {
            return await connection.TryTakeAsync(work, cancellation);
        }
        catch (Exception e) when (e is DbException or TimeoutException or IOException or InvalidOperationException)
        {
            // No database, no turn; it is asked for again.
            return null;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    async Task WatchAsync(string work, long taken, CancellationTokenSource lost)
    {
        while (!lost.IsCancellationRequested)
        {
            await GuardedLoop.PauseAsync(Look, lost.Token);
            if (!lost.IsCancellationRequested && !await connection.StandsAsync(taken, CancellationToken.None))
            {
                logger.LogWarning("This program is cut off from the database, and leaves {Work} to another.", work);
                await lost.CancelAsync();
            }
        }
    }
}

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
    /// <param name="wait">Called each time that another program has it; null for nothing to do then.</param>
    public async Task RunAsync(string work, Func<CancellationToken, Task> run, Action? wait, CancellationToken stopping)
    {
        // The host's start does not wait for it.
        await Task.Yield();
        while (!stopping.IsCancellationRequested)
        {
            if (await TryAsync(work, run, wait, stopping))
            {
                return;
            }

            await GuardedLoop.PauseAsync(Look, stopping);
        }
    }

    /// <summary>Gives a program that had the turn before, and lost it with its connection, the time to find out and to leave.</summary>
    internal Task LetLeaveAsync(CancellationToken turn) =>
        node.MayHaveOthers ? GuardedLoop.PauseAsync(Look * 2, turn) : Task.CompletedTask;

    /// <summary>Does it, if it is this program's turn.</summary>
    /// <returns>Whether it was done to its end.</returns>
    public Task<bool> TryAsync(string work, Func<CancellationToken, Task> run, CancellationToken cancellation) =>
        TryAsync(work, run, wait: null, cancellation);

    async Task<bool> TryAsync(string work, Func<CancellationToken, Task> run, Action? wait, CancellationToken cancellation)
    {
        if (!node.MayHaveOthers)
        {
            await run(cancellation);
            return true;
        }

        var (state, taken) = await TakeAsync(work, cancellation);
        if (state != Turn.Taken)
        {
            if (state == Turn.Others)
            {
                wait?.Invoke();
            }

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

    enum Turn
    {
        Taken,
        Others,
        Nobodys,
    }

    async Task<(Turn State, long Taken)> TakeAsync(string work, CancellationToken cancellation)
    {
        try
        {
            return await connection.TryTakeAsync(work, cancellation) is { } taken ? (Turn.Taken, taken) : (Turn.Others, 0);
        }
        catch (Exception e) when (NodeConnection.IsLost(e))
        {
            // No database, no turn; it is asked for again.
            logger.LogWarning("Whose turn it is for {Work} cannot be asked: {Error}", work, e.GetType().Name);
            return (Turn.Nobodys, 0);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return (Turn.Nobodys, 0);
        }
    }

    async Task<bool> StandsAsync(long taken)
    {
        try
        {
            return await connection.StandsAsync(taken, CancellationToken.None);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whatever it is, nobody knows any more that it stands.
            return false;
        }
    }

    async Task WatchAsync(string work, long taken, CancellationTokenSource lost)
    {
        while (!lost.IsCancellationRequested)
        {
            await GuardedLoop.PauseAsync(Look, lost.Token);
            if (!lost.IsCancellationRequested && !await StandsAsync(taken))
            {
                logger.LogWarning("This program is cut off from the database, and leaves {Work} to another.", work);
                await lost.CancelAsync();
            }
        }
    }
}

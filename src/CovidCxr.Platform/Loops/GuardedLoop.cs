using Microsoft.Extensions.Logging;

namespace CovidCxr.Platform.Loops;

/// <summary>What a service that works without end needs to go on after a bad moment.</summary>
public static class GuardedLoop
{
    /// <summary>Ends early, without an exception, where the host stops.</summary>
    public static async Task PauseAsync(TimeSpan pause, CancellationToken stopping) =>
        await Task.Delay(pause, CancellationToken.None).WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>Runs it, and where it fails says so and pauses.</summary>
    /// <param name="what">Of whom the log says that it goes on.</param>
    /// <returns>Whether it was done.</returns>
    public static async Task<bool> TryAsync(
        Func<CancellationToken, Task> work, string what, TimeSpan pause, ILogger logger, CancellationToken stopping)
    {
        try
        {
            await work(stopping);
            return true;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops.
            return false;
        }
        catch (Exception e)
        {
            // The loop is the last boundary, and only the type is logged: a message might quote a patient.
            logger.LogError("{What} met {Error} and goes on.", what, e.GetType().Name);
            await PauseAsync(pause, stopping);
            return false;
        }
    }
}

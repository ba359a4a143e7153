namespace CovidCxr.Web.Shared;

/// <summary>
/// Refreshes a page when something changed: at once, and again when it has rested four times as long as that took. What changes in between
/// is served together, so that a page open on many desks never takes more than a fifth of the time from the work that changes it.
/// </summary>
/// <param name="refresh">Not called again before it is done.</param>
/// <param name="gone">The page has been left.</param>
public sealed class PacedRefresh(Func<Task> refresh, TimeProvider time, CancellationToken gone)
{
    const int RestPerWork = 4;
    static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(200);

    int _changes;
    DateTimeOffset _restedAt;

    /// <summary>Returns at once, on whatever thread the change was made.</summary>
    public void Ask()
    {
        if (Interlocked.Increment(ref _changes) == 1)
        {
            _ = Task.Run(RunAsync, CancellationToken.None);
        }
    }

    async Task RunAsync()
    {
        try
        {
            int served;
            do
            {
                if (_restedAt - time.GetUtcNow() is { Ticks: > 0 } rest)
                {
                    await Task.Delay(rest, time, gone);
                }

                gone.ThrowIfCancellationRequested();
                served = Volatile.Read(ref _changes);
                var started = time.GetTimestamp();
                await refresh();
                var rests = time.GetElapsedTime(started) * RestPerWork;
                _restedAt = time.GetUtcNow() + (rests > ShortestRest ? rests : ShortestRest);
            }
            while (Interlocked.Add(ref _changes, -served) > 0);
        }
        catch (OperationCanceledException)
        {
            // The page is gone.
        }
        catch
        {
            // The next change tries again.
            Volatile.Write(ref _changes, 0);
            throw;
        }
    }
}

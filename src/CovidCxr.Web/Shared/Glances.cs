namespace CovidCxr.Web.Shared;

/// <summary>How a page follows what moves by itself.</summary>
static class Glances
{
    /// <summary>Looks again and again until the page has gone.</summary>
    /// <param name="look">One look; waited for before the next.</param>
    public static async Task FollowAsync(TimeProvider time, TimeSpan every, Func<Task> look, CancellationToken gone)
    {
        try
        {
            using var timer = new PeriodicTimer(every, time);
            while (await timer.WaitForNextTickAsync(gone))
            {
                await look();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The page has gone.
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Playwright;

namespace Benchmarks;

/// <summary>What readers at once waited for, and how often in vain.</summary>
sealed class Waits
{
    readonly ConcurrentBag<double> milliseconds = [];
    int errors;

    public double Median => Interleaved.Median([.. milliseconds]);

    public double Percentile95
    {
        get
        {
            var sorted = milliseconds.Order().ToArray();
            return sorted[(int)Math.Ceiling(sorted.Length * 0.95) - 1];
        }
    }

    public async Task TimeAsync(Func<Task> wait)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await wait();
            milliseconds.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException or PlaywrightException)
        {
            Interlocked.Increment(ref errors);
            Console.Error.WriteLine(e.Message);
        }
    }

    public override string ToString() => milliseconds.IsEmpty ? $"{errors} errors" : string.Create(
        CultureInfo.InvariantCulture, $"{milliseconds.Count} films: median {Median:F0} ms, 95th percentile {Percentile95:F0} ms, {errors} errors");
}

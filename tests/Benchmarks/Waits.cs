using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Playwright;

namespace Benchmarks;

/// <summary>What readers at once waited for, and how often in vain.</summary>
sealed class Waits
{
    readonly ConcurrentBag<double> _milliseconds = [];
    int _errors;

    public double Median => Interleaved.Median([.. _milliseconds]);

    public double Percentile95
    {
        get
        {
            var sorted = _milliseconds.Order().ToArray();
            return sorted[(int)Math.Ceiling(sorted.Length * 0.95) - 1];
        }
    }

    public async Task TimeAsync(Func<Task> wait)
    {
        try
        {
            await MeasureAsync(wait);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException or PlaywrightException)
        {
            Interlocked.Increment(ref _errors);
            Console.Error.WriteLine(e.Message);
        }
    }

    /// <summary>Where what goes wrong ends all.</summary>
    public async Task MeasureAsync(Func<Task> wait)
    {
        var started = Stopwatch.GetTimestamp();
        await wait();
        Add(Stopwatch.GetElapsedTime(started));
    }

    public void Add(TimeSpan wait) => _milliseconds.Add(wait.TotalMilliseconds);

    public override string ToString() => _milliseconds.IsEmpty ? $"{_errors} errors" : string.Create(
        CultureInfo.InvariantCulture,
        $"{_milliseconds.Count} films: median {Median:F0} ms, 95th percentile {Percentile95:F0} ms, {_errors} errors");
}

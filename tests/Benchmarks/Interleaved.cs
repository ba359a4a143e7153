using System.Diagnostics;
using System.Globalization;

namespace Benchmarks;

/// <summary>
/// Contestants take turns, so that whatever else the machine does hits them alike. In its turn each runs twice and the second time counts:
/// the one before left the caches to it, and nobody shall win by who that was.
/// </summary>
static class Interleaved
{
    public sealed record Contestant(string Name, Func<double?> Turn);

    /// <returns>The median milliseconds by name; null for a contestant that cannot do it here.</returns>
    public static IReadOnlyDictionary<string, double?> Medians(int turns, params IReadOnlyList<Contestant> contestants)
    {
        var times = contestants.ToDictionary(c => c.Name, _ => new List<double?>());
        for (var turn = 0; turn < turns; turn++)
        {
            foreach (var contestant in contestants)
            {
                contestant.Turn();
                times[contestant.Name].Add(contestant.Turn());
            }
        }

        return times.ToDictionary(
            t => t.Key, t => t.Value.Any(v => v is null) ? (double?)null : Median([.. t.Value.Select(v => v!.Value)]));
    }

    public static Contestant Timed(string name, Action action) => new(name, () =>
    {
        var started = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    });

    public static double Median(double[] values)
    {
        Array.Sort(values);
        var middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    /// <summary>One line: every median, and the first contestant's ratio to each other one.</summary>
    public static string Line(string label, IReadOnlyDictionary<string, double?> medians)
    {
        var first = medians.First().Value;
        return $"{label,-28}" + string.Concat(medians.Select((m, i) => m.Value is { } ms
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"  {m.Key} {(ms < 10 ? Math.Round(ms, 2) : Math.Round(ms, 1))} ms{(i > 0 && first is { } f ? $" (x{f / ms:F2})" : "")}")
            : $"  {m.Key} not here"));
    }
}

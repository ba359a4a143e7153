using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace CovidCxr.Platform.Telemetry;

/// <summary>What a collector may be told: kinds, times and outcomes of work, never whom it was about.</summary>
public static class Instruments
{
    /// <summary>Of the source and of the meter.</summary>
    public const string Name = "CovidCxr";

    public static ActivitySource Source { get; } = new(Name);

    public static Meter Meter { get; } = new(Name);

    /// <summary>Seconds, from a claim of the queue to a training.</summary>
    public static InstrumentAdvice<double> Seconds { get; } =
        new() { HistogramBucketBoundaries = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000] };
}

using System.Diagnostics.Metrics;
using CovidCxr.Platform.Telemetry;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CovidCxr.Web.Features.Platform.Telemetry;

/// <summary>
/// What /health says, for a collector: one figure for each thing that is looked after, and none where a look does not end.
/// </summary>
sealed class HealthMeter : IHealthCheckPublisher, IDisposable
{
    // The framework looks every half minute.
    static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(2);

    readonly Meter _meter = new(Instruments.Name);
    readonly TimeProvider _time;
    volatile Seen? _last;

    public HealthMeter(TimeProvider time)
    {
        _time = time;
        _meter.CreateObservableGauge("covidcxr.health", Measure, description: "0 unhealthy, 1 degraded, 2 healthy, by check.");
    }

    sealed record Seen(HealthReport Report, long At);

    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        _last = new(report, _time.GetTimestamp());
        return Task.CompletedTask;
    }

    public void Dispose() => _meter.Dispose();

    IEnumerable<Measurement<int>> Measure() => _last is { } last && _time.GetElapsedTime(last.At) < LongestSilence
        ? last.Report.Entries.Select(e => new Measurement<int>((int)e.Value.Status, new KeyValuePair<string, object?>("check", e.Key)))
        : [];
}

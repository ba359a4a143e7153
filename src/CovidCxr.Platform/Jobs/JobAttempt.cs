using System.Diagnostics;
using System.Diagnostics.Metrics;
using CovidCxr.Domain.Jobs;
using CovidCxr.Platform.Telemetry;

namespace CovidCxr.Platform.Jobs;

/// <summary>What a collector is told of one attempt at a job. Its trace goes on from the request that queued the job.</summary>
sealed class JobAttempt : IDisposable
{
    static readonly Histogram<double> Waits = Instruments.Meter.CreateHistogram(
        "covidcxr.job.wait", "s", "From when a job was queued to its first claim.", tags: null, Instruments.Seconds);

    static readonly Histogram<double> Durations = Instruments.Meter.CreateHistogram(
        "covidcxr.job.duration", "s", "Of an attempt, by how it ended.", tags: null, Instruments.Seconds);

    readonly Job _job;
    readonly TimeProvider _time;
    readonly long _begun;
    readonly Activity? _span;

    public JobAttempt(Job job, TimeProvider time)
    {
        (_job, _time, _begun) = (job, time, time.GetTimestamp());
        ActivityContext.TryParse(job.TraceParent, traceState: null, isRemote: true, out var queuedBy);
        _span = Instruments.Source.StartActivity($"job {job.Kind}", ActivityKind.Consumer, queuedBy);
        _span?.SetTag("job.kind", job.Kind).SetTag("job.attempt", job.Attempt);
        if (job.Attempt == 1)
        {
            Waits.Record(
                Math.Max(0, (time.GetUtcNow() - job.CreatedAt).TotalSeconds), new KeyValuePair<string, object?>("job.kind", job.Kind));
        }
    }

    /// <summary>
    /// "succeeded", "failed" where it threw, or "lost" where the work is another's by now or goes on after the next start.
    /// </summary>
    public string Outcome { get; set; } = "lost";

    public void Dispose()
    {
        _span?.SetTag("job.outcome", Outcome).SetStatus(Outcome == "failed" ? ActivityStatusCode.Error : ActivityStatusCode.Unset);
        _span?.Dispose();
        Durations.Record(
            _time.GetElapsedTime(_begun).TotalSeconds, new KeyValuePair<string, object?>("job.kind", _job.Kind),
            new("job.outcome", Outcome));
    }
}

using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace CovidCxr.Web.Features.Platform.Telemetry;

/// <summary>
/// Sends what is left when the program stops, and waits two seconds for it. By themselves the three would wait five seconds each, one after
/// the other, for a collector that does not answer.
/// </summary>
sealed class LastWords(TracerProvider traces, MeterProvider metrics, LoggerProvider logs) : IHostedService
{
    const int Patience = 2000;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Task.Run(() => traces.Shutdown(Patience), CancellationToken.None),
        Task.Run(() => metrics.Shutdown(Patience), CancellationToken.None),
        Task.Run(() => logs.Shutdown(Patience), CancellationToken.None));
}

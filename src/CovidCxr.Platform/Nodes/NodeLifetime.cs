using System.Runtime.InteropServices;
using CovidCxr.Platform.Loops;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Nodes;

/// <summary>
/// Before the program stops it takes no more jobs and says for a while that it is not ready, so that a proxy sends nobody any more: then
/// a request that it stops in the middle of is rare. A second signal stops it at once.
/// </summary>
sealed class NodeLifetime(
    ThisNode node, IOptions<NodeOptions> options, IHostApplicationLifetime lifetime, IHostEnvironment environment, ILoggerFactory loggers)
    : IHostLifetime, IDisposable
{
    readonly List<PosixSignalRegistration> _signals = [];

    // As the lifetime that comes with .NET calls it, and says.
    readonly ILogger _logger = loggers.CreateLogger("Microsoft.Hosting.Lifetime");

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(() => _logger.LogInformation(
            "Application started ({Environment}). Press Ctrl+C to shut down.", environment.EnvironmentName));
        lifetime.ApplicationStopping.Register(() => _logger.LogInformation("Application is shutting down..."));
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGTERM })
        {
            _signals.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                _ = StopAsync();
            }));
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _signals.ForEach(s => s.Dispose());

    async Task StopAsync()
    {
        if (options.Value.Drain > TimeSpan.Zero && !node.IsDraining)
        {
            node.IsDraining = true;
            _logger.LogInformation("This program stops in {Drain}, and takes nothing new until then", options.Value.Drain);
            await GuardedLoop.PauseAsync(options.Value.Drain, lifetime.ApplicationStopping);
        }

        lifetime.StopApplication();
    }
}

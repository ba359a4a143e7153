using System.Diagnostics;
using System.Reflection;
using CovidCxr.Platform;
using CovidCxr.Platform.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace CovidCxr.Testing;

/// <summary>A test program started again as a worker, to be killed.</summary>
public sealed class WorkerProcess : IDisposable
{
    public static readonly (string, string)[] Settings =
        [("Jobs:Lease", "00:00:05"), ("Jobs:PollInterval", "00:00:00.1"), ("Jobs:MaxAttempts", "20"), ("Jobs:Workers", "2")];

    readonly Process _process;

    WorkerProcess(Process process) => _process = process;

    /// <param name="program">The tests' own assembly, whose entry knows the role.</param>
    /// <param name="environment">Variables besides those of the tests.</param>
    public static WorkerProcess Start(
        Assembly program, string role, string folder, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [program.Location, role, folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new(Process.Start(start) ?? throw new InvalidOperationException("The worker does not start."));
    }

    /// <summary>Waits for a line of this beginning.</summary>
    public async Task<string> SaysAsync(string beginning, CancellationToken cancellation)
    {
        while (await _process.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            if (line.StartsWith(beginning, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"The worker ended without saying \"{beginning}\".");
    }

    /// <summary>SIGKILL: nothing of it runs any more, no finally, no flush.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    /// <summary>What such a worker does: jobs of one handler alone, until it is killed.</summary>
    public static async Task<int> RunAsync(string folder, Action<IServiceCollection> handler, Func<IServiceProvider, Task> prepare)
    {
        await using var services = TestClinic.Build(
            folder,
            TimeProvider.System,
            more: s =>
            {
                s.RemoveAll<IJobHandler>();
                handler(s);
                s.AddCovidCxrJobWorker();
            },
            settings: Settings);
        await prepare(services);
        var worker = services.GetServices<IHostedService>().OfType<JobWorker>().Single();
        await worker.StartAsync(CancellationToken.None);
        // Until the end of the test, should it forget to kill.
        await Console.In.ReadToEndAsync();
        return 0;
    }
}

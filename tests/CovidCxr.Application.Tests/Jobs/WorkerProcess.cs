using System.Diagnostics;
using CovidCxr.Application.Jobs;
using CovidCxr.Application.Studies;
using CovidCxr.Application.Training;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Jobs;
using CovidCxr.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace CovidCxr.Application.Tests.Jobs;

/// <summary>This program started again as a worker, to be killed.</summary>
sealed class WorkerProcess : IDisposable
{
    public const string QueueWorker = "--queue-worker", HaltingAnalysis = "--halting-analysis", RetrainingWorker = "--retraining-worker", Kind = "note";

    public static readonly (string, string)[] Settings =
        [("Jobs:Lease", "00:00:05"), ("Jobs:PollInterval", "00:00:00.1"), ("Jobs:MaxAttempts", "20"), ("Jobs:Workers", "2")];

    readonly Process process;

    WorkerProcess(Process process) => this.process = process;

    public static WorkerProcess Start(string role, string folder)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(WorkerProcess).Assembly.Location, role, folder]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        return new(Process.Start(start) ?? throw new InvalidOperationException("The worker does not start."));
    }

    /// <summary>Waits for a line of this beginning.</summary>
    public async Task<string> SaysAsync(string beginning, CancellationToken cancellation)
    {
        while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
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
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        process.Dispose();
    }

    /// <summary>Works on jobs that add one audit row each, saying when it holds one, until it is killed.</summary>
    public static Task<int> RunQueueAsync(string folder) => RunAsync(
        folder, services => services.AddSingleton<IJobHandler, NoteHandler>(), services => services.GetRequiredService<DatabaseSchema>().UpdateAsync(CancellationToken.None));

    /// <summary>The real analysis, but for ever between result and completion.</summary>
    public static Task<int> RunHaltingAnalysisAsync(string folder) => RunAsync(
        folder,
        services => services.AddSingleton<AnalyseStudy>().AddSingleton<IJobHandler, HaltingHandler>(),
        async services =>
        {
            await services.PrepareCovidCxrAsync(isDemo: false, CancellationToken.None);
            await services.WarmUpCovidCxrAsync(isDemo: false, CancellationToken.None);
        });

    /// <summary>The real retraining, in a child process of this one.</summary>
    public static Task<int> RunRetrainingAsync(string folder) => RunAsync(
        folder, services => services.AddSingleton<IJobHandler, RunRetraining>(), services => services.GetRequiredService<DatabaseSchema>().UpdateAsync(CancellationToken.None));

    static async Task<int> RunAsync(string folder, Action<IServiceCollection> handler, Func<IServiceProvider, Task> prepare)
    {
        await using var services = Clinic.Build(
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

    sealed class NoteHandler : IJobHandler
    {
        public string Kind => WorkerProcess.Kind;

        public bool CanRun => true;

        public async Task<Func<CovidCxrDbContext, Task>> RunAsync(Job job, CancellationToken cancellation)
        {
            await Console.Out.WriteLineAsync($"holds {job.Payload}");
            await Task.Delay(30, cancellation);
            return db =>
            {
                db.Audit.Add(new AuditEntry { Action = AuditAction.StudyAnalysis, Detail = job.Payload });
                return Task.CompletedTask;
            };
        }

        public Task GiveUpAsync(CovidCxrDbContext db, Job job) => Task.CompletedTask;

        public void Ended(Job job)
        {
        }
    }

    sealed class HaltingHandler(AnalyseStudy analysis) : IJobHandler
    {
        public string Kind => analysis.Kind;

        public bool CanRun => analysis.CanRun;

        public async Task<Func<CovidCxrDbContext, Task>> RunAsync(Job job, CancellationToken cancellation)
        {
            await analysis.RunAsync(job, cancellation);
            await Console.Out.WriteLineAsync("analysed");
            await Task.Delay(Timeout.Infinite, cancellation);
            throw new UnreachableException();
        }

        public Task GiveUpAsync(CovidCxrDbContext db, Job job) => analysis.GiveUpAsync(db, job);

        public void Ended(Job job)
        {
        }
    }
}

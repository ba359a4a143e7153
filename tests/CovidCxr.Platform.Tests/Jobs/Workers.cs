using System.Diagnostics;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Jobs;
using CovidCxr.Laboratory.Models;
using CovidCxr.Platform.Jobs;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Platform.Tests.Jobs;

/// <summary>The workers that the tests kill.</summary>
static class Workers
{
    public const string Queue = "--queue-worker", HaltingAnalysis = "--halting-analysis";

    public static WorkerProcess Start(string role, TestFolder folder) => WorkerProcess.Start(
        typeof(Workers).Assembly, role, folder.Data.Root, (PostgreSqlServer.Variable, folder.Storage.Provider.ToString()));

    /// <summary>Works on jobs that add one audit row each, saying when it holds one, until it is killed.</summary>
    public static Task<int> RunQueueAsync(string folder) => WorkerProcess.RunAsync(
        folder,
        services => services.AddSingleton<IJobHandler, NoteHandler>(),
        services => services.GetRequiredService<DatabaseSchema>().UpdateAsync(CancellationToken.None));

    /// <summary>The real analysis, but for ever between result and completion.</summary>
    public static Task<int> RunHaltingAnalysisAsync(string folder) => WorkerProcess.RunAsync(
        folder,
        services => services.AddScoped<AnalyseStudy>().AddScoped<IJobHandler, HaltingHandler>(),
        async services =>
        {
            await services.PrepareCovidCxrAsync(isDemo: false, CancellationToken.None);
            await services.GetRequiredService<StartModel>().RunAsync(StarterModel.Path, CancellationToken.None);
        });

    public sealed class NoteHandler : IJobHandler
    {
        public const string JobKind = "note";

        public string Kind => JobKind;

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

using CovidCxr.Laboratory.Runs;
using CovidCxr.Platform.Jobs;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Laboratory.Tests.Runs;

/// <summary>The real retraining, in a child process of a process that the tests kill.</summary>
static class RetrainingWorker
{
    public const string Role = "--retraining-worker";

    public static WorkerProcess Start(string folder) => WorkerProcess.Start(typeof(RetrainingWorker).Assembly, Role, folder);

    public static Task<int> RunAsync(string folder) => WorkerProcess.RunAsync(
        folder,
        services => services.AddSingleton<IJobHandler, RunRetraining>(),
        services => services.GetRequiredService<DatabaseSchema>().UpdateAsync(CancellationToken.None));
}

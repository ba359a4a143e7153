using CovidCxr.Laboratory.Runs;
using CovidCxr.Platform.Jobs;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Laboratory.Tests.Runs;

/// <summary>The real retraining, in a child process of a process that the tests kill.</summary>
static class TrainingRunWorker
{
    public const string Role = "--retraining-worker";

    public static WorkerProcess Start(string folder) => WorkerProcess.Start(typeof(TrainingRunWorker).Assembly, Role, folder);

    public static Task<int> RunAsync(string folder) => WorkerProcess.RunAsync(
        folder,
        services => services.AddSingleton<IJobHandler, TrainingRunJob>(),
        services => services.GetRequiredService<DatabaseSchema>().UpdateAsync(CancellationToken.None));
}

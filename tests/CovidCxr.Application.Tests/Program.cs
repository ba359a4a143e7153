using CovidCxr.Application.Tests.Jobs;
using CovidCxr.Application.Tests.Training;
using CovidCxr.Application.Training;
using Xunit.Runner.InProc.SystemConsole;

namespace CovidCxr.Application.Tests;

/// <summary>Runs the tests, or is a process that one of them kills.</summary>
static class Program
{
    static async Task<int> Main(string[] args) => args switch
    {
        [WorkerProcess.QueueWorker, var folder] => await WorkerProcess.RunQueueAsync(folder),
        [WorkerProcess.HaltingAnalysis, var folder] => await WorkerProcess.RunHaltingAnalysisAsync(folder),
        [WorkerProcess.RetrainingWorker, var folder] => await WorkerProcess.RunRetrainingAsync(folder),
        [TrainingProcess.Argument, var run] when DyingProcess.IsDoomed(run) => await DyingProcess.RunAsync(run),
        // As the web program's own entry does.
        [TrainingProcess.Argument, var run] => await TrainingProcess.RunAsync(run, Console.In, TimeProvider.System),
        _ => await ConsoleRunner.Run(args),
    };
}

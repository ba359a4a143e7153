using CovidCxr.Laboratory.Runs;
using CovidCxr.Laboratory.Tests.Runs;
using Xunit.Runner.InProc.SystemConsole;

namespace CovidCxr.Laboratory.Tests;

/// <summary>Runs the tests, or is a process that one of them kills.</summary>
static class Program
{
    static async Task<int> Main(string[] args) => args switch
    {
        [TrainingRunWorker.Role, var folder] => await TrainingRunWorker.RunAsync(folder),
        [TrainingProcess.Argument, var run] when DyingProcess.IsDoomed(run) => await DyingProcess.RunAsync(run),
        // As the web program's own entry does.
        [TrainingProcess.Argument, var run] => await TrainingProcess.RunAsync(run, Console.In, TimeProvider.System),
        _ => await ConsoleRunner.Run(args),
    };
}

using CovidCxr.Platform.Tests.Jobs;
using CovidCxr.Platform.Tests.Webhooks;
using Xunit.Runner.InProc.SystemConsole;

namespace CovidCxr.Platform.Tests;

/// <summary>Runs the tests, or is a process that one of them kills.</summary>
static class Program
{
    static async Task<int> Main(string[] args) => args switch
    {
        [Workers.Queue, var folder] => await Workers.RunQueueAsync(folder),
        [Workers.HaltingAnalysis, var folder] => await Workers.RunHaltingAnalysisAsync(folder),
        [WebhookProgram.Role, var folder] => await WebhookProgram.RunAsync(folder),
        _ => await ConsoleRunner.Run(args),
    };
}

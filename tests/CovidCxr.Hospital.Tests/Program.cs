using Xunit.Runner.InProc.SystemConsole;

namespace CovidCxr.Hospital.Tests;

/// <summary>Runs the tests, or is a process that one of them kills.</summary>
static class Program
{
    static async Task<int> Main(string[] args) => args switch
    {
        [ReceivingWorker.Role, var folder] => await ReceivingWorker.RunAsync(folder),
        [SendingWorker.Role, var folder] => await SendingWorker.RunAsync(folder),
        [MessageWorker.Role, var folder] => await MessageWorker.RunAsync(folder),
        _ => await ConsoleRunner.Run(args),
    };
}

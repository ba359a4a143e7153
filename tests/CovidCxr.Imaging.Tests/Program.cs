using CovidCxr.Imaging.Isolation;
using Xunit.Runner.InProc.SystemConsole;

namespace CovidCxr.Imaging.Tests;

/// <summary>Runs the tests, or is the process that decodes, as the web program's own entry does.</summary>
static class Program
{
    static async Task<int> Main(string[] args) => args switch
    {
        [DecoderWorker.Argument, var seconds, var megabytes] =>
            DecoderWorker.Run(seconds, megabytes, Console.OpenStandardInput(), Console.OpenStandardOutput()),
        _ => await ConsoleRunner.Run(args),
    };
}

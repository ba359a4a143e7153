using System.Globalization;
using Xunit.Runner.InProc.SystemConsole;

namespace CovidCxr.Storage.Tests;

/// <summary>Runs the tests, or is a start that one of them kills.</summary>
static class Program
{
    static async Task<int> Main(string[] args) => args switch
    {
        [DyingUpgrade.Argument, var folder, var moment] =>
            await DyingUpgrade.RunAsync(folder, int.Parse(moment, CultureInfo.InvariantCulture)),
        _ => await ConsoleRunner.Run(args),
    };
}

using System.Diagnostics;
using System.Text.RegularExpressions;

namespace CovidCxr.Cli.Tests;

/// <param name="Code">0 for success.</param>
public sealed record CommandResult(int Code, string Output, string Error);

/// <summary>Runs the program as a shell does: a process of its own, its streams apart.</summary>
static partial class CommandLine
{
    /// <param name="watch">Told of every line of the output, with the process; may signal it.</param>
    public static async Task<CommandResult> RunAsync(IEnumerable<string> arguments, Action<string, Process>? watch = null)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "covidcxr.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["OMP_NUM_THREADS"] = "1";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = new System.Text.StringBuilder();
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            output.AppendLine(line);
            watch?.Invoke(line, process);
        }

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new(process.ExitCode, output.ToString(), NoLibtorchWarning().Replace(await error, ""));
    }

    /// <summary>Of a processor that one of its libraries does not know, libtorch says so by itself, and computes without it.</summary>
    [GeneratedRegex(@"^\[W\d{4} [^\]]*NNPACK\.cpp:\d+\] .*\n", RegexOptions.Multiline)]
    private static partial Regex NoLibtorchWarning();

    public static Task<CommandResult> RunAsync(params string[] arguments) => RunAsync((IEnumerable<string>)arguments);
}

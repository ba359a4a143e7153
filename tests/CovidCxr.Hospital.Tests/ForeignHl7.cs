using System.Diagnostics;
using CovidCxr.Testing;

namespace CovidCxr.Hospital.Tests;

/// <summary>Programs of others that speak or read HL7 v2: node-hl7-client and node-hl7-server, and Python's hl7.</summary>
static class ForeignHl7
{
    const string Python = "/usr/bin/python3";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts a script of this folder with node, its packages and these arguments; skips where they are not installed.</summary>
    public static Process Start(string script, params string[] arguments)
    {
        var root = SharedData.Repository()!;
        var modules = Path.Combine(root, "artifacts", "hl7");
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(modules, "node_modules", "node-hl7-server")),
            "No node-hl7 here: npm install --prefix artifacts/hl7 --no-save node-hl7-client@3.2.0 node-hl7-server@2.5.0");
        return Process.Start(new ProcessStartInfo(
            "node", [Path.Combine(root, "tests", "CovidCxr.Hospital.Tests", script), modules, .. arguments])
        {
            RedirectStandardOutput = true,
        })!;
    }

    /// <returns>The lines that it writes.</returns>
    public static async Task<string[]> RunAsync(string script, params string[] arguments)
    {
        using var process = Start(script, arguments);
        try
        {
            return (await process.StandardOutput.ReadToEndAsync(Cancellation).WaitAsync(TimeSpan.FromMinutes(1), Cancellation))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            process.Kill();
        }
    }

    /// <summary>What Python's hl7 reads at these places; skips where it is not installed.</summary>
    public static async Task<string[]> ParseAsync(string message, params string[] places)
    {
        const string Script = "import sys, hl7\nm = hl7.parse(sys.argv[1])\nfor p in sys.argv[2:]: print(m[p])";
        using var process = Process.Start(new ProcessStartInfo(Python, ["-c", Script, message, .. places])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync(Cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        var words = await errors;
        Assert.SkipWhen(words.Contains("No module named 'hl7'", StringComparison.Ordinal), "No hl7 here: apt-get install python3-hl7.");
        Assert.Equal("", words);
        return output.TrimEnd('\n').Split('\n');
    }
}

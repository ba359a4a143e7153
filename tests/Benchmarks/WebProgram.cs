using System.Diagnostics;
using System.Text.RegularExpressions;
using CovidCxr.Testing;

namespace Benchmarks;

/// <summary>The built web application as a process of its own, with a data folder of its own, both gone when this is disposed of.</summary>
/// <param name="dll">CovidCxr.Web.dll; null for the one that a Release build leaves in the source tree.</param>
/// <param name="group">A control group's folder that it is to live in; null for this process's own.</param>
/// <param name="settings">Further options, as environment variables.</param>
sealed partial class WebProgram(string? dll = null, string? group = null, IReadOnlyDictionary<string, string>? settings = null)
    : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    Process? _process;
    int _telling;

    public string Dll { get; } = Path.GetFullPath(dll ?? Path.Combine(Root, "src/CovidCxr.Web/bin/Release/net10.0/CovidCxr.Web.dll"));

    public static string Root { get; } = AppContext.BaseDirectory[..AppContext.BaseDirectory.IndexOf(
        "/tests/Benchmarks", StringComparison.Ordinal)];

    public string Folder { get; } = Directory.CreateTempSubdirectory("covidcxr-benchmark-").FullName;

    public string Address { get; } = $"http://127.0.0.1:{FreePort.Find()}";

    public string Database => Path.Combine(Folder, "covidcxr.db");

    public int Id => _process!.Id;

    public long Megabytes
    {
        get
        {
            _process!.Refresh();
            return _process.WorkingSet64 / (1024 * 1024);
        }
    }

    public bool IsAlive => !_process!.HasExited;

    /// <summary>What it has taken of the processor since it started.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process!.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts it, again after a <see cref="StopAsync"/>, and waits for its first page.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        string[] command = group is null
            ? ["dotnet", Dll]
            : ["/bin/sh", "-c", $"echo $$ > {group}/cgroup.procs && exec dotnet \"$0\"", Dll];
        var info = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = Path.GetDirectoryName(Dll)!,
            RedirectStandardOutput = true,
            Environment =
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
                ["ASPNETCORE_URLS"] = Address,
                ["Storage__DataFolder"] = Folder,
                ["Limits__UploadsPerMinute"] = "10000",
            },
        };
        foreach (var (key, value) in settings ?? new Dictionary<string, string>())
        {
            info.Environment[key] = value;
        }

        _process = Process.Start(info)!;
        _process.OutputDataReceived += (_, line) => Tell(line.Data);
        _process.BeginOutputReadLine();
        using var client = new HttpClient();
        for (var started = Stopwatch.GetTimestamp(); ; await Task.Delay(20, cancellation))
        {
            try
            {
                using var page = await client.GetAsync(Address + "/account/sign-in", cancellation);
                page.EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException) when (!_process.HasExited && Stopwatch.GetElapsedTime(started) < Patience)
            {
                // Not listening yet.
            }
        }
    }

    // What went wrong, and of which type: three lines each.
    void Tell(string? line)
    {
        _telling = line?.StartsWith("fail:", StringComparison.Ordinal) == true ? 3 : _telling - 1;
        if (_telling > 0)
        {
            Console.Error.WriteLine(line);
        }
    }

    public async Task StopAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>The radiologist's password, which the sign-in page shows in Development.</summary>
    public static string PasswordOn(string page) => PasswordShown().Match(page).Groups[1].Value;

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await StopAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }

    [GeneratedRegex("radiologist@demo.local</td><td><code>([^<]+)<")]
    private static partial Regex PasswordShown();
}

using System.Diagnostics;
using CovidCxr.Testing;

namespace CovidCxr.EndToEnd.Tests.Nodes;

/// <summary>A real proxy before several programs, by the configuration that comes with the project.</summary>
sealed class HaProxy : IAsyncDisposable
{
    const string Program = "/usr/sbin/haproxy";

    readonly Process _process;
    readonly string _configuration = Path.GetTempFileName();

    public HaProxy(Uri a, Uri b)
    {
        var template = File.ReadAllText(Path.Combine(Places.Project, "../../appsettings.templates/nodes/haproxy.cfg"));
        Assert.All([":8080", ":5081", ":5082"], port => Assert.Contains(port, template, StringComparison.Ordinal));
        Address = new($"http://127.0.0.1:{FreePort.Find()}");
        File.WriteAllText(_configuration, template
            .Replace(":8080", $":{Address.Port}", StringComparison.Ordinal).Replace(":5081", $":{a.Port}", StringComparison.Ordinal)
            .Replace(":5082", $":{b.Port}", StringComparison.Ordinal));
        _process = Process.Start(Program, ["-db", "-f", _configuration]);
    }

    public static string? Missing => File.Exists(Program) ? null : "No HAProxy here: apt-get install haproxy.";

    public Uri Address { get; }

    /// <summary>Waits until it has seen that both are there.</summary>
    public async Task WaitAsync()
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = Address };
        HashSet<string> seen = [];
        for (var watch = Stopwatch.StartNew(); seen.Count < 2; await Task.Delay(100))
        {
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), "The proxy does not find both programs.");
            try
            {
                using var answer = await client.GetAsync("/health/alive");
                if (answer.IsSuccessStatusCode && answer.Headers.TryGetValues("Set-Cookie", out var cookies))
                {
                    seen.Add(cookies.Single(c => c.StartsWith("node=", StringComparison.Ordinal))[..6]);
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        File.Delete(_configuration);
    }
}

using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;

namespace CovidCxr.Web.Tests.Features.Clinic.Readings.Viewer;

/// <summary>
/// One Chromium with a software GPU for all viewer tests, and a server that gives out the harness and the scripts.
/// Each test has a page and a host name of its own, so that each can have its own answers.
/// </summary>
public sealed class ViewerBrowser : IAsyncLifetime
{
    static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    ];

    const string Chromium = "/usr/bin/chromium";

    readonly ConcurrentDictionary<string, Dictionary<string, Answer>> _answers = new();
    IPlaywright? _playwright;
    IBrowser? _browser;
    WebApplication? _server;
    IBrowserContext? _last;
    int _tests;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Chromium))
        {
            return;
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _server = builder.Build();
        _server.Urls.Add("http://127.0.0.1:0");
        _server.Run(AnswerAsync);
        await _server.StartAsync();
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = Arguments });
    }

    public async ValueTask DisposeAsync()
    {
        await (_browser?.DisposeAsync() ?? ValueTask.CompletedTask);
        _playwright?.Dispose();
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    /// <summary>
    /// Closes the page before it, and opens the harness with a stage of exactly <paramref name="width"/> by <paramref name="height"/> CSS
    /// pixels.
    /// </summary>
    public async Task<IPage> OpenAsync(
        string renderer, int width = 320, int height = 240, float ratio = 1, Dictionary<string, Answer>? answers = null,
        string options = "{}")
    {
        Assert.SkipUnless(File.Exists(Chromium), "No Chromium here: apt-get install chromium.");
        var host = $"viewer{Interlocked.Increment(ref _tests)}.localhost";
        _answers[host] = answers ?? [];
        await (_last?.CloseAsync() ?? Task.CompletedTask);
        _last = await _browser!.NewContextAsync(new()
        {
            ViewportSize = new() { Width = Math.Max(width, 200), Height = height + 200 },
            DeviceScaleFactor = ratio,
            HasTouch = true
        });
        var page = await _last.NewPageAsync();
        await page.GotoAsync($"http://{host}:{new Uri(_server!.Urls.First()).Port}/?viewer={renderer}");
        await page.WaitForFunctionAsync("document.documentElement.dataset.loaded");
        await page.AddStyleTagAsync(
            new() { Content = $".viewer {{ height: auto !important; }} .viewer-stage {{ width: {width}px; height: {height}px; }}" });
        await page.EvaluateAsync($"void open({options})");
        return page;
    }

    async Task AnswerAsync(HttpContext context)
    {
        var (host, path) = (context.Request.Host.Host, context.Request.Path.Value!);
        if (_answers[host].TryGetValue(path, out var answer))
        {
            context.Response.StatusCode = answer.Status;
            foreach (var (name, value) in answer.Headers)
            {
                context.Response.Headers[name] = value;
            }

            await context.Response.Body.WriteAsync(answer.Body);
            return;
        }

        var file = Path.Combine(
            AppContext.BaseDirectory, path == "/" ? "Features/Clinic/Readings/Viewer/harness.html" : path.TrimStart('/'));
        await (File.Exists(file) ? Results.File(file, ContentType(file)) : Results.NotFound()).ExecuteAsync(context);
    }

    static string ContentType(string file) => Path.GetExtension(file) switch
    {
        ".js" => "text/javascript",
        ".css" => "text/css",
        _ => "text/html",
    };
}

/// <summary>What the harness's server says to one address.</summary>
public sealed record Answer(int Status, Dictionary<string, string> Headers, byte[] Body)
{
    public static Answer Pixels(int width, int height, int bits, ushort[] samples) => new(
        200,
        new() { ["X-Image-Width"] = $"{width}", ["X-Image-Height"] = $"{height}", ["X-Image-Bits"] = $"{bits}" },
        bits > 8 ? MemoryMarshal.AsBytes<ushort>(samples).ToArray() : [.. samples.Select(s => (byte)s)]);

    public static Answer Map(int width, int height, float[] values) => new(
        200,
        new() { ["X-Map-Width"] = $"{width}", ["X-Map-Height"] = $"{height}" },
        MemoryMarshal.AsBytes<float>(values).ToArray());
}

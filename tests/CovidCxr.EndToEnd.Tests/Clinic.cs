using System.Diagnostics;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

[assembly: Trait("Speed", "Slow")]

namespace CovidCxr.EndToEnd.Tests;

[CollectionDefinition(nameof(Clinic))]
public sealed class ClinicStories : ICollectionFixture<Clinic>, ICollectionFixture<Browser>;

/// <summary>One running program and one Chromium for all stories that need none of their own; they run one after another.</summary>
public sealed class Clinic : Browser
{
    readonly Dictionary<string, string> _sessions = [];
    RunningProgram? _program;
    Collector? _collector;

    internal RunningProgram Program => _program!;

    /// <summary>Gets the program's traces, metrics and logs, of all stories.</summary>
    internal Collector Collector => _collector!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        if (!File.Exists(Places.Chromium))
        {
            return;
        }

        _collector = new();
        _program = await RunningProgram.StartAsync("program", new()
        {
            ["Telemetry__Endpoint"] = _collector.Address.ToString(),
            ["OTEL_BSP_SCHEDULE_DELAY"] = "1000",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "5000",
            ["Models__StarterFile"] = ModelFile("Stand-in A", seed: 1, side: 64),
            // A role may have nothing to do for longer than its session lasts.
            ["Accounts__IdleTimeout"] = "12:00:00",
        });
    }

    public override async ValueTask DisposeAsync()
    {
        await (_program?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_collector?.DisposeAsync() ?? ValueTask.CompletedTask);
        await base.DisposeAsync();
    }

    /// <summary>A window of nobody's.</summary>
    public async Task<IPage> OpenAsync()
    {
        var page = await OpenAsync(Program.Address);
        Listen(page);
        return page;
    }

    /// <summary>A window in which the demo account of this role has signed in.</summary>
    public async Task<IPage> OpenAsync(string role, string theme = "dark", int width = 1600, int height = 1000)
    {
        if (!_sessions.TryGetValue(role, out var session))
        {
            var first = await OpenAsync();
            await SignInAsync(first, role);
            _sessions[role] = session = await first.Context.StorageStateAsync();
            await first.Context.CloseAsync();
        }

        var page = await NewPageAsync(Program.Address, session);
        Listen(page);
        await page.SetViewportSizeAsync(width, height);
        await page.AddInitScriptAsync($"try {{ localStorage.getItem('theme') ?? localStorage.setItem('theme', '{theme}'); }} catch {{ }}");
        return page;
    }

    /// <summary>Waits until the model has answered.</summary>
    public async Task WaitForResultAsync(Guid study)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromMinutes(1); await Task.Delay(100))
        {
            await using var db = Program.OpenDatabase();
            if (await db.Studies.AnyAsync(s => s.Id == study && s.Status == StudyStatus.Ready))
            {
                return;
            }
        }

        Assert.Fail("The result did not arrive within a minute.");
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Accounts;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

[assembly: Trait("Speed", "Slow")]

namespace CovidCxr.EndToEnd.Tests;

[CollectionDefinition(nameof(Clinic))]
public sealed class ClinicStories : ICollectionFixture<Clinic>;

/// <summary>One running program and one Chromium for all stories, which run one after another.</summary>
public sealed class Clinic : IAsyncLifetime
{
    static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    ];

    readonly Dictionary<string, string> _sessions = [];
    readonly ConcurrentQueue<(string? Story, string Words)> _complaints = [];
    readonly string _models = Directory.CreateTempSubdirectory("covidcxr-e2e-models-").FullName;
    IPlaywright? _playwright;
    IBrowser? _browser;
    RunningProgram? _program;
    Collector? _collector;

    internal RunningProgram Program => _program!;

    /// <summary>Gets the program's traces, metrics and logs, of all stories.</summary>
    internal Collector Collector => _collector!;

    /// <summary>What the browser's console complained about on the pages of this story. One that failed leaves its pages behind.</summary>
    public IEnumerable<string> Complaints => _complaints.Where(c => c.Story == Story).Select(c => c.Words);

    static string? Story => TestContext.Current.Test?.UniqueID;

    public string ModelFile(string name, long seed, int side) =>
        StandInModel.Write(Path.Combine(_models, name + ".safetensors"), name, seed, side);

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Places.Chromium))
        {
            return;
        }

        // For a machine that does much else: what passes, passes sooner.
        Assertions.SetDefaultExpectTimeout(60_000);
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
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Places.Chromium, Args = Arguments });
    }

    public async ValueTask DisposeAsync()
    {
        await (_browser?.DisposeAsync() ?? ValueTask.CompletedTask);
        _playwright?.Dispose();
        await (_program?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_collector?.DisposeAsync() ?? ValueTask.CompletedTask);
        Directory.Delete(_models, recursive: true);
    }

    /// <summary>Skips, visibly, where there is no browser.</summary>
    public static void NeedBrowser() => Assert.SkipUnless(File.Exists(Places.Chromium), "No Chromium here: apt-get install chromium.");

    /// <summary>A window of nobody's.</summary>
    public Task<IPage> OpenAsync(Uri? address = null) => NewPageAsync(address ?? Program.Address, session: null);

    /// <summary>What the page complains about counts, though its program is the story's own.</summary>
    public void Listen(IPage page)
    {
        var story = Story;
        page.PageError += (_, error) => _complaints.Enqueue((story, error));
        // A refused upload is an answer that the console reports too.
        page.Console += (_, message) =>
        {
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            {
                _complaints.Enqueue((story, message.Text));
            }
        };
    }

    /// <summary>A window in which the demo account of this role has signed in.</summary>
    public async Task<IPage> OpenAsync(string role, string theme = "dark", int width = 1600, int height = 1000)
    {
        if (!_sessions.TryGetValue(role, out var session))
        {
            var first = await NewPageAsync(Program.Address, session: null);
            await SignInAsync(first, role);
            _sessions[role] = session = await first.Context.StorageStateAsync();
            await first.Context.CloseAsync();
        }

        var page = await NewPageAsync(Program.Address, session);
        await page.SetViewportSizeAsync(width, height);
        await page.AddInitScriptAsync($"try {{ localStorage.getItem('theme') ?? localStorage.setItem('theme', '{theme}'); }} catch {{ }}");
        return page;
    }

    public static async Task SignInAsync(IPage page, string role)
    {
        var account = SeedDemoAccounts.All.Single(a => a.Role == role);
        await SignInAsync(page, account.UserName, account.Password);
    }

    public static async Task SignInAsync(IPage page, string userName, string password)
    {
        await page.GotoAsync("account/sign-in");
        await page.GetByLabel("User name").FillAsync(userName);
        await page.GetByLabel("Password").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.WaitForURLAsync(url => !url.Contains("sign-in", StringComparison.Ordinal));
    }

    /// <summary>Signs in with the password that an administrator gave, and chooses another one, as everybody has to.</summary>
    public static async Task SignInFirstAsync(IPage page, string userName, string given, string own)
    {
        await SignInAsync(page, userName, given);
        await page.GetByText("An administrator set your password and knows it.").WaitForAsync();
        await page.GetByLabel("Current password").FillAsync(given);
        await page.GetByLabel("New password, 15 characters or more").FillAsync(own);
        await page.GetByRole(AriaRole.Button, new() { Name = "Change", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Back to work" }).ClickAsync();
    }

    /// <summary>Uploads without the tray, for stories that begin later.</summary>
    public static async Task<Guid> UploadAsync(IPage page, FilePayload film, string? patient = null, string? acquiredOn = null)
    {
        var form = page.APIRequest.CreateFormData();
        form.Set("file", film);
        form.Set("patientNumber", patient ?? "");
        form.Set("acquiredOn", acquiredOn ?? "");
        var token = await page.Locator("meta[name=antiforgery]").GetAttributeAsync("content");
        var answer = await page.APIRequest.PostAsync(
            "/studies/upload",
            new() { Multipart = form, Headers = new Dictionary<string, string> { ["RequestVerificationToken"] = token! } });
        Assert.True(answer.Ok, $"The upload was answered with {answer.Status}.");
        return (await answer.JsonAsync<JsonElement>()).GetProperty("studyId").GetGuid();
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

    /// <summary>Opens a study and waits until its image is there.</summary>
    public static async Task OpenStudyAsync(IPage page, Guid study)
    {
        await page.GotoAsync($"/studies/{study}");
        await Assertions.Expect(page.Locator("#viewer[data-state=ready]")).ToBeVisibleAsync();
    }

    /// <summary>Before a program goes that a study's page is from.</summary>
    public static Task MarkAsync(IPage page) => page.EvaluateAsync("window.isOfBefore = true");

    /// <summary>Waits until the marked page has loaded itself anew, and listens to keys.</summary>
    public static async Task LoadedAnewAsync(IPage page)
    {
        for (var watch = Stopwatch.StartNew(); await IsOfBeforeAsync(page); await Task.Delay(100))
        {
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), "The page was not loaded anew.");
        }

        await Assertions.Expect(page.Locator("#viewer[data-state=ready]")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".study [data-key-panel]")).ToBeVisibleAsync();
    }

    static async Task<bool> IsOfBeforeAsync(IPage page)
    {
        try
        {
            return await page.EvaluateAsync<bool>("window.isOfBefore === true");
        }
        catch (PlaywrightException)
        {
            // Amid the loading.
            return true;
        }
    }

    async Task<IPage> NewPageAsync(Uri address, string? session)
    {
        var context = await _browser!.NewContextAsync(
            new() { BaseURL = address.ToString(), StorageState = session, ViewportSize = new() { Width = 1600, Height = 1000 } });
        context.SetDefaultTimeout(90_000);
        var page = await context.NewPageAsync();
        if (address == Program.Address)
        {
            // A program that is killed on purpose leaves its pages much to complain about.
            Listen(page);
        }

        return page;
    }
}

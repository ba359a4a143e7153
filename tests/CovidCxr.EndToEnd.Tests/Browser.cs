using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using CovidCxr.Platform.Accounts;
using Microsoft.Playwright;

namespace CovidCxr.EndToEnd.Tests;

/// <summary>A Chromium for stories that start programs of their own.</summary>
public class Browser : IAsyncLifetime
{
    static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    ];

    readonly ConcurrentQueue<(string? Story, string Words)> _complaints = [];
    readonly string _models = Directory.CreateTempSubdirectory("covidcxr-e2e-models-").FullName;
    IPlaywright? _playwright;
    IBrowser? _browser;

    /// <summary>What the browser's console complained about on the pages of this story. One that failed leaves its pages behind.</summary>
    public IEnumerable<string> Complaints => _complaints.Where(c => c.Story == Story).Select(c => c.Words);

    static string? Story => TestContext.Current.Test?.UniqueID;

    public string ModelFile(string name, long seed, int side) =>
        StandInModel.Write(Path.Combine(_models, name + ".safetensors"), name, seed, side);

    public virtual async ValueTask InitializeAsync()
    {
        if (!File.Exists(Places.Chromium))
        {
            return;
        }

        // For a machine that does much else: what passes, passes sooner.
        Assertions.SetDefaultExpectTimeout(60_000);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Places.Chromium, Args = Arguments });
    }

    public virtual async ValueTask DisposeAsync()
    {
        await (_browser?.DisposeAsync() ?? ValueTask.CompletedTask);
        _playwright?.Dispose();
        Directory.Delete(_models, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Skips, visibly, where there is no browser.</summary>
    public static void NeedBrowser() => Assert.SkipUnless(File.Exists(Places.Chromium), "No Chromium here: apt-get install chromium.");

    /// <summary>
    /// A window of nobody's. A program that is killed on purpose leaves its pages much to complain about: they are not heard.
    /// </summary>
    public Task<IPage> OpenAsync(Uri address) => NewPageAsync(address, session: null);

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

    /// <summary>A window with the cookies of a session, if one is given.</summary>
    protected async Task<IPage> NewPageAsync(Uri address, string? session)
    {
        var context = await _browser!.NewContextAsync(
            new() { BaseURL = address.ToString(), StorageState = session, ViewportSize = new() { Width = 1600, Height = 1000 } });
        context.SetDefaultTimeout(90_000);
        return await context.NewPageAsync();
    }
}

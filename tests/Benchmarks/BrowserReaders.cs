using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Benchmarks;

/// <summary>Readers with a window of Chromium each, on the machine that serves them: from the choice of a file to the row that says ready.</summary>
static partial class BrowserReaders
{
    const string Chromium = "/usr/bin/chromium";
    const string Ready = "count => [...document.querySelectorAll('.worklist tbody tr')].filter(row => row.textContent.includes('● ready')).length >= count";

    public static async Task MeasureAsync(string address, string folder)
    {
        if (!File.Exists(Chromium))
        {
            Console.WriteLine("in the browser: no Chromium here");
            return;
        }

        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = ["--no-sandbox", "--disable-background-networking"] });
        var seed = 9000;
        foreach (var readers in new[] { 1, 5, 20 })
        {
            var films = readers > 5 ? 2 : 6;
            var pages = new List<(IPage Page, List<string> Films)>();
            for (var reader = 0; reader < readers; reader++)
            {
                var paths = Enumerable.Range(0, films).Select(_ => Write(folder, seed++)).ToList();
                pages.Add((await OpenAsync(browser, address, $"BROWSER-{readers}-{reader}-"), paths));
            }

            var times = (await Task.WhenAll(pages.Select(p => ReadAsync(p.Page, p.Films)))).SelectMany(t => t).ToArray();
            await Task.WhenAll(pages.Select(p => p.Page.Context.CloseAsync()));
            Array.Sort(times);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{readers,2} readers in the browser, {times.Length} films: file chosen to row ready median {Interleaved.Median(times):F0} ms, 95th percentile {times[(int)Math.Ceiling(times.Length * 0.95) - 1]:F0} ms"));
        }
    }

    static string Write(string folder, int seed)
    {
        var path = Path.Combine(folder, $"film-{seed}.png");
        File.WriteAllBytes(path, RunningProgram.Film(seed));
        return path;
    }

    // A worklist that shows this reader's films alone.
    static async Task<IPage> OpenAsync(IBrowser browser, string address, string patient)
    {
        var context = await browser.NewContextAsync(new() { BaseURL = address });
        context.SetDefaultTimeout(120_000);
        var page = await context.NewPageAsync();
        await page.GotoAsync("/account/sign-in");
        var password = PasswordShown().Match(await page.ContentAsync()).Groups[1].Value;
        await page.GetByLabel("User name").FillAsync("radiologist@demo.local");
        await page.GetByLabel("Password").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.WaitForURLAsync(url => !url.Contains("sign-in", StringComparison.Ordinal));
        await page.GotoAsync($"/?text={patient}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Details" }).ClickAsync();
        await page.GetByLabel("Patient number", new() { Exact = true }).FillAsync(patient + "1");
        return page;
    }

    static async Task<List<double>> ReadAsync(IPage page, List<string> films)
    {
        var times = new List<double>();
        foreach (var film in films)
        {
            var started = Stopwatch.GetTimestamp();
            await page.Locator("[data-upload-picker]").SetInputFilesAsync(film);
            await page.WaitForFunctionAsync(Ready, times.Count + 1);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return times;
    }

    [GeneratedRegex("radiologist@demo.local</td><td><code>([^<]+)<")]
    private static partial Regex PasswordShown();
}

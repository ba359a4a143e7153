using System.Diagnostics;
using Microsoft.Playwright;

namespace Benchmarks;

/// <summary>
/// Readers with a window of Chromium each, on the machine that serves them: from the choice of a file to the row that says ready.
/// </summary>
static class BrowserReaders
{
    const string Chromium = "/usr/bin/chromium";

    static readonly string[] Arguments =
        ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    // Told by the page itself at once, where asking from outside would be late by the time between two questions.
    const string RowIsReady =
        """
        patient => new Promise((resolve, reject) => {
          const look = () => {
            const row = [...document.querySelectorAll('.worklist tbody tr')].find(r => r.querySelector('a.row').textContent === patient);
            const refused = [...document.querySelectorAll('.tray .fate')].find(f => f.textContent.startsWith('✕'));
            const isReady = row?.textContent.includes('● ready');
            if (isReady || refused) changes.disconnect();
            if (isReady) resolve();
            if (refused) reject(new Error(refused.textContent));
          };
          const changes = new MutationObserver(look);
          changes.observe(document.body, { subtree: true, childList: true, characterData: true });
          look();
        })
        """;

    /// <param name="dll">CovidCxr.Web.dll; null for the Release build of the source tree.</param>
    public static async Task<int> RunAsync(string? dll, CancellationToken cancellation)
    {
        await using var program = new WebProgram(dll);
        await program.StartAsync(cancellation);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await LaunchAsync(playwright);
        // Ended by a signal: what is awaited below fails, and the program and the browser end too.
        await using var end = cancellation.Register(() => _ = browser.CloseAsync());
        var session = await SignInAsync(browser, program);
        var next = 1;
        foreach (var (readers, each) in Uploads.Crowds.Prepend((1, 1)))
        {
            var films = Write(BenchmarkFilms.Pngs(next, readers * each), program.Folder);
            next += films.Count;
            var pages = new List<(IPage Page, string Patient)>();
            for (var reader = 0; reader < readers; reader++)
            {
                var patient = $"B{next}-{reader}-";
                pages.Add((await OpenAsync(browser, program, session, patient), patient));
            }

            var (waits, before, started) = (new Waits(), program.ProcessorTime, Stopwatch.GetTimestamp());
            await Task.WhenAll(pages.Zip(films.Chunk(each), (p, own) => ReadAsync(p.Page, p.Patient, own, waits)));
            var share = (program.ProcessorTime - before) / Stopwatch.GetElapsedTime(started) / Environment.ProcessorCount;
            cancellation.ThrowIfCancellationRequested();
            await Task.WhenAll(pages.Select(p => p.Page.Context.CloseAsync()));
            Console.WriteLine(
                $"{readers,2} readers, {waits}; the program took {share:P0} of the machine{(each == 1 ? " (to warm up)" : "")}");
        }

        return 0;
    }

    public static Task<IBrowser> LaunchAsync(IPlaywright playwright) =>
        playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = Arguments });

    static List<string> Write(IReadOnlyList<byte[]> films, string folder) => [.. films.Select((film, i) =>
    {
        var path = Path.Combine(folder, $"film-{i}.png");
        File.WriteAllBytes(path, film);
        return path;
    })];

    /// <returns>The session of the demo radiologist.</returns>
    public static async Task<string> SignInAsync(IBrowser browser, WebProgram program)
    {
        await using var context = await browser.NewContextAsync(new() { BaseURL = program.Address });
        var page = await context.NewPageAsync();
        await page.GotoAsync("/account/sign-in");
        await page.GetByLabel("User name").FillAsync("radiologist@demo.local");
        await page.GetByLabel("Password").FillAsync(WebProgram.PasswordOn(await page.ContentAsync()));
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.WaitForURLAsync(url => !url.Contains("sign-in", StringComparison.Ordinal));
        return await context.StorageStateAsync();
    }

    // A worklist that shows this reader's films alone.
    static async Task<IPage> OpenAsync(IBrowser browser, WebProgram program, string session, string patient)
    {
        var page = await NewPageAsync(browser, program, session);
        await page.GotoAsync($"/?text={patient}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Details" }).ClickAsync();
        await page.GetByLabel("Patient number", new() { Exact = true }).WaitForAsync();
        return page;
    }

    public static async Task<IPage> NewPageAsync(IBrowser browser, WebProgram program, string session)
    {
        var context = await browser.NewContextAsync(
            new() { BaseURL = program.Address, StorageState = session, ViewportSize = new() { Width = 1600, Height = 1000 } });
        return await context.NewPageAsync();
    }

    static async Task ReadAsync(IPage page, string patient, IReadOnlyList<string> films, Waits waits)
    {
        for (var i = 0; i < films.Count; i++)
        {
            // The page empties the details with every upload, lest they reach the next patient's film.
            await page.GetByLabel("Patient number", new() { Exact = true }).FillAsync(patient + i);
            await waits.TimeAsync(async () =>
            {
                await page.Locator("[data-upload-picker]").SetInputFilesAsync(films[i]);
                await page.EvaluateAsync(RowIsReady, patient + i).WaitAsync(WebProgram.Patience);
            });
        }
    }
}

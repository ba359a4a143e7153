using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests.Nodes;

/// <summary>
/// Two programs with pages and a worker on one database of a server and one folder, behind a real proxy. COVIDCXR_READERS has more readers
/// type than three.
/// </summary>
[Collection(nameof(Clinic))]
public sealed class NodesTests(Clinic clinic)
{
    static readonly int Readers = int.Parse(Environment.GetEnvironmentVariable("COVIDCXR_READERS") ?? "3", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Programs_OneKilledAndAllRolled_LoseNothingThatWasTyped()
    {
        Clinic.NeedBrowser();
        Assert.SkipWhen(PostgreSqlServer.Missing is not null, PostgreSqlServer.Missing ?? "");
        Assert.SkipWhen(HaProxy.Missing is not null, HaProxy.Missing ?? "");
        await using var worker = await RunningProgram.StartAsync(
            "node-worker", Settings("worker", "Worker,Trainer"), isPostgreSql: true);
        var starting = new[] { "a", "b" }.Select(n => worker.StartBesideAsync($"node-{n}", Settings(n, "Web"))).ToList();
        await using var a = await starting[0];
        await using var b = await starting[1];
        await using var proxy = new HaProxy(a.Address, b.Address);
        await proxy.WaitAsync();
        var web = new Dictionary<string, RunningProgram> { ["a"] = a, ["b"] = b };
        var pages = await OpenAsync(proxy.Address);

        await AnswersComeToPagesOfAnotherProgramAsync(pages[0], worker);
        await ReadersTypeThroughAKillAsync(pages, web, worker);
        await AllAreRolledUnderLoadAsync(pages[0], proxy.Address, web, worker);
        await ShowsAllAsync(proxy.Address);
        foreach (var page in pages)
        {
            await page.Context.CloseAsync();
        }
    }

    Dictionary<string, string> Settings(string name, string roles) => new()
    {
        ["Node__Name"] = name,
        ["Node__Roles"] = roles,
        ["Node__Drain"] = "00:00:05",
        ["Models__StarterFile"] = clinic.ModelFile("Stand-in on nodes", seed: 11, side: 64),
        ["Proxies__Addresses"] = "127.0.0.1",
    };

    async Task<List<IPage>> OpenAsync(Uri address)
    {
        List<IPage> pages = [];
        while (pages.Count < Readers)
        {
            var page = await clinic.OpenAsync(address);
            await Clinic.SignInAsync(page, Role.Radiologist);
            pages.Add(page);
        }

        return pages;
    }

    /// <summary>The worker has no page, and the page no worker: what one does the other must hear.</summary>
    static async Task AnswersComeToPagesOfAnotherProgramAsync(IPage page, RunningProgram worker)
    {
        await page.GotoAsync("/");
        await Expect(page.Locator("a.row").First).ToBeVisibleAsync();
        for (var i = 0; i < Readers; i++)
        {
            await Clinic.UploadAsync(page, Films.Png($"node{i}.png", Films.Phantom(5000 + i)), $"E2E-N{i}");
        }

        await worker.UntilAsync(db => db.Studies.AllAsync(s => s.PredictionId != null), minutes: 4);
        // Nobody loads it again.
        await Expect(page.Locator("a.row", new() { HasText = $"E2E-N{Readers - 1}" })).ToBeVisibleAsync();
        await using var db = worker.OpenDatabase();
        Assert.Equal(SeedPhantomStudies.Count + Readers, await db.Predictions.CountAsync());
    }

    static async Task ReadersTypeThroughAKillAsync(List<IPage> pages, Dictionary<string, RunningProgram> web, RunningProgram worker)
    {
        await using var db = worker.OpenDatabase();
        var films = await db.Studies.Where(s => s.PatientNumber!.StartsWith("E2E-N")).OrderBy(s => s.PatientNumber).Select(s => s.Id)
            .ToListAsync();
        foreach (var (page, film) in pages.Zip(films))
        {
            await Clinic.OpenStudyAsync(page, film);
            await page.Keyboard.PressAsync("2");
            await page.Keyboard.PressAsync("Shift+4");
        }

        await worker.UntilAsync(
            async d => await d.KeptDrafts.CountAsync(k => films.Contains(k.StudyId) && k.Confidence == 4) == films.Count, minutes: 4);
        var of = (await Task.WhenAll(pages.Select(NodeOfAsync))).ToList();
        // Those of both are to go on, and the proxy spreads them.
        Assert.Equal(2, of.Distinct().Count());
        var victim = web[of[0]];
        var orphans = pages.Where((_, i) => web[of[i]] == victim).ToList();
        await Task.WhenAll(orphans.Select(Clinic.MarkAsync));
        await victim.KillAsync();
        foreach (var page in orphans)
        {
            await Clinic.LoadedAnewAsync(page);
            await Expect(page.Locator(".study-choice input:checked")).ToHaveCountAsync(1);
        }

        foreach (var (page, film) in pages.Zip(films))
        {
            await Expect(page.Locator("#viewer[data-state=ready]")).ToBeVisibleAsync();
            await page.Keyboard.PressAsync("Enter");
            await Expect(page.Locator(".study")).ToHaveAttributeAsync("data-stage", "Final");
            Assert.NotEqual(web.Single(w => w.Value == victim).Key, await NodeOfAsync(page));
        }

        var readings = await db.Readings.Where(r => films.Contains(r.StudyId)).ToListAsync();
        Assert.Equal(films.Order(), readings.Select(r => r.StudyId).Order());
        Assert.All(readings, r => Assert.Equal((ReadingStage.Blind, (Opinion)1, 4), (r.Stage, r.Opinion, r.Confidence)));
        await victim.StartAsync();
    }

    static async Task AllAreRolledUnderLoadAsync(IPage page, Uri proxy, Dictionary<string, RunningProgram> web, RunningProgram worker)
    {
        ConcurrentBag<string> answers = [];
        using var over = new CancellationTokenSource();
        await Clinic.MarkAsync(page);
        var load = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => AskAsync(proxy, answers, over.Token))));
        foreach (var program in web.Values.Append(worker))
        {
            await program.StopAsync();
            await program.StartAsync();
        }

        await over.CancelAsync();
        await load;
        Assert.True(answers.Count > 100, $"Only {answers.Count} requests: the test shows nothing.");
        Assert.Equal([nameof(HttpStatusCode.OK)], answers.Distinct());
        TestContext.Current.TestOutputHelper?.WriteLine($"{answers.Count} requests while three programs were replaced");
        await Clinic.LoadedAnewAsync(page);
        await Expect(page.Locator(".study")).ToHaveAttributeAsync("data-stage", "Final");
    }

    /// <summary>As browsers that come anew do: without a cookie, and with the one that they were given.</summary>
    static async Task AskAsync(Uri proxy, ConcurrentBag<string> answers, CancellationToken over)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = proxy };
        while (!over.IsCancellationRequested)
        {
            try
            {
                using var answer = await client.GetAsync("account/sign-in", CancellationToken.None);
                answers.Add(answer.StatusCode.ToString());
            }
            catch (HttpRequestException e)
            {
                answers.Add(e.HttpRequestError.ToString());
            }

            await Task.Delay(20, CancellationToken.None);
        }
    }

    async Task ShowsAllAsync(Uri proxy)
    {
        var page = await clinic.OpenAsync(proxy);
        await Clinic.SignInAsync(page, Role.Admin);
        await page.GotoAsync("/admin/system");
        var rows = page.GetByRole(AriaRole.Table).Last.Locator("tbody tr");
        await Expect(rows).ToHaveCountAsync(3);
        await Expect(rows).ToContainTextAsync(["a", "b", "worker"]);
        await Expect(rows.Nth(2)).ToContainTextAsync("v1");
        await Look.CheckAsync(page, "system-programs");
        await page.Context.CloseAsync();
    }

    static async Task<string> NodeOfAsync(IPage page) => (await page.Context.CookiesAsync()).Single(c => c.Name == "node").Value;
}

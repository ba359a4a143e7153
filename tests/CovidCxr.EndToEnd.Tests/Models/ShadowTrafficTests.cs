using System.Globalization;
using CovidCxr.Domain.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests.Models;

/// <summary>A version in the shadow, and all that a radiologist's browser receives meanwhile.</summary>
[Collection(nameof(Clinic))]
public sealed class ShadowTrafficTests(Clinic clinic)
{
    const string Name = "Umbra-7c4e";

    const int Uploads = 3;

    // Stands nowhere by chance.
    const int Number = 771_355;

    // In a program of its own: elsewhere other stories' numbers would be taken for the shadow's.
    [Fact]
    public async Task Shadow_AtWork_IsInNoByteThatARadiologistsBrowserReceives()
    {
        Clinic.NeedBrowser();
        await using var program = await RunningProgram.StartAsync("shadow", new()
        {
            ["Models__StarterFile"] = clinic.ModelFile("Stand-in A", seed: 1, side: 64),
        });
        var number = await program.RegisterAsync(clinic.ModelFile(Name, seed: 23, side: 64));
        await using (var db = program.OpenDatabase())
        {
            await db.ModelVersions.Where(m => m.Number == number).ExecuteUpdateAsync(s => s.SetProperty(m => m.Number, Number));
        }

        var (id, hash) = await StartAsync(program);
        var reader = await clinic.OpenAsync(program.Address);
        clinic.Listen(reader);
        var traffic = await Traffic.OfAsync(reader);
        await Clinic.SignInAsync(reader, Role.Radiologist);
        await reader.GotoAsync("/");
        List<Guid> studies = [];
        for (var film = 0; film < Uploads; film++)
        {
            var file = Films.Png($"{film}.png", Films.Phantom(610 + film));
            studies.Add(await Clinic.UploadAsync(reader, file, $"E2E-SHADOW-{film}"));
        }

        var scores = await WaitForScoresAsync(program, studies);
        foreach (var study in studies)
        {
            await ReadAsync(reader, study);
        }

        var pages = await VisitAsync(reader);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{pages.Count} pages, {traffic.Bytes} bytes, {traffic.Frames} frames; "
                + $"scores {string.Join(", ", scores.Select(s => s.Shadow))}: {string.Join(' ', pages)}");

        Assert.InRange(pages.Count, 12, int.MaxValue);
        Assert.InRange(traffic.Frames, 50, int.MaxValue);
        foreach (var text in new[] { Name, hash, hash[..12], id.ToString(), id.ToString("N"), $"{Number}", $"{Number:N0}" })
        {
            AssertNowhere(text, traffic.Find(text));
        }

        foreach (var score in scores)
        {
            Assert.Empty(traffic.Find(BitConverter.GetBytes(score.Shadow)));
            foreach (var form in Forms(score.Shadow).Except(score.Active.SelectMany(Forms)))
            {
                AssertNowhere(form, traffic.FindNumber(form));
            }

            // The recording works: what the active version said was received, once it might be.
            Assert.Contains(traffic.FindNumber(Printed(score.Active[score.Positive])), from => from == Traffic.Socket);
        }

        await reader.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    static void AssertNowhere(string form, IEnumerable<string> places)
    {
        List<string> found = [.. places.Distinct()];
        Assert.True(found.Count == 0, $"The shadow's '{form}' is in {string.Join(", ", found)}.");
    }

    // As an administrator does, on its page.
    async Task<(Guid Id, string Hash)> StartAsync(RunningProgram program)
    {
        var page = await clinic.OpenAsync(program.Address);
        clinic.Listen(page);
        await Clinic.SignInAsync(page, Role.Admin);
        await page.GotoAsync("/models/shadow");
        await page.GetByLabel("Reason").FillAsync("To see how it does here.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start the shadow" }).ClickAsync();
        await Expect(page.GetByText($"In the shadow: {Name}, version {Number}")).ToBeVisibleAsync();
        await Look.CheckAsync(page, "shadow-started");
        await page.Context.CloseAsync();
        await using var db = program.OpenDatabase();
        var version = await db.ModelVersions.SingleAsync(m => m.Number == Number);
        return (version.Id, version.Sha256);
    }

    static async Task<List<(double Shadow, IReadOnlyList<double> Active, int Positive)>> WaitForScoresAsync(
        RunningProgram program, List<Guid> studies)
    {
        for (var tries = 0; tries < 600; tries++)
        {
            await using var db = program.OpenDatabase();
            var rows = await (
                from s in db.ShadowPredictions
                join p in db.Predictions on s.StudyId equals p.StudyId
                where studies.Contains(s.StudyId)
                select new { s.Score, p.Probabilities, p.PositiveIndex }).ToListAsync();
            if (rows.Count == studies.Count)
            {
                return rows.ConvertAll(r => (r.Score, r.Probabilities, r.PositiveIndex));
            }

            await Task.Delay(100);
        }

        Assert.Fail("The shadow did not score the films within a minute.");
        return [];
    }

    static async Task ReadAsync(IPage page, Guid study)
    {
        await Clinic.OpenStudyAsync(page, study);
        await page.Keyboard.PressAsync("1");
        await page.Keyboard.PressAsync("Shift+3");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".study")).ToHaveAttributeAsync("data-stage", "Final");
        await Expect(page.Locator("#viewer[data-heat=ready]")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByText("Saved.")).ToBeVisibleAsync();
    }

    // Every page and download that a link of another leads to, of the same kind and filter once.
    static async Task<List<string>> VisitAsync(IPage page)
    {
        List<string> visited = [];
        Queue<string> open = new(["/", "/models/shadow"]);
        HashSet<string> known = [.. open];
        while (open.TryDequeue(out var address) && visited.Count < 80)
        {
            if (address.Contains("export", StringComparison.Ordinal) || address.Contains("/report.", StringComparison.Ordinal))
            {
                await page.EvaluateAsync("address => fetch(address).then(a => a.text())", address);
            }
            else
            {
                await page.GotoAsync(address);
                await page.WaitForTimeoutAsync(800);
            }

            visited.Add(address);
            foreach (var link in await page.EvaluateAsync<string[]>(
                "[...document.querySelectorAll('a[href]')].map(a => new URL(a.href)).filter(u => u.origin == location.origin)"
                    + ".map(u => u.pathname + u.search)"))
            {
                if (!link.Contains("sign-", StringComparison.Ordinal) && known.Add(link))
                {
                    open.Enqueue(link);
                }
            }
        }

        return visited;
    }

    // As pages print it.
    static string Printed(double score) => score.ToString("F2", CultureInfo.InvariantCulture);

    // Two digits stand in many a figure.
    static IEnumerable<string> Forms(double score) =>
    [
        .. new[] { "F3", "F4", "F5", "F6", "R" }.Select(f => score.ToString(f, CultureInfo.InvariantCulture)),
        ((float)score).ToString("R", CultureInfo.InvariantCulture),
        .. new[] { "F2", "F3" }.Select(f => (100 * score).ToString(f, CultureInfo.InvariantCulture)),
    ];
}

using System.Diagnostics;
using System.Globalization;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests.Crashes;

/// <summary>A reader goes on by keys alone while the program dies under them. COVIDCXR_READINGS reads more films than a dozen.</summary>
[Collection(nameof(Clinic))]
public sealed class RestartTests(Clinic clinic)
{
    static readonly int FilmCount = int.Parse(
        Environment.GetEnvironmentVariable("COVIDCXR_READINGS") ?? "12", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Readings_WithTheProgramKilledTwiceAmidThem_AreAllThereEachOnItsFilm()
    {
        Clinic.NeedBrowser();
        await using var program = await RunningProgram.StartAsync("restart", new()
        {
            ["Models__StarterFile"] = clinic.ModelFile("Stand-in for restarts", seed: 5, side: 64),
        });
        var page = await clinic.OpenAsync(program.Address);
        await Clinic.SignInAsync(page, Role.Radiologist);
        await page.GotoAsync("/");
        for (var i = SeedPhantomStudies.Count; i < FilmCount; i++)
        {
            await Clinic.UploadAsync(page, Films.Png($"{i}.png", Films.Phantom(3000 + i)), $"E2E-R{i}");
        }

        await program.UntilAsync(async db => !await db.Studies.AnyAsync(s => s.PredictionId == null), minutes: 4);
        await page.ReloadAsync();
        await Expect(page.Locator("a.row").First).ToBeVisibleAsync();
        // Until the page listens to keys.
        for (; await page.Locator("a.row:focus").CountAsync() == 0; await Task.Delay(100))
        {
            await page.Keyboard.PressAsync("ArrowDown");
        }

        await page.Keyboard.PressAsync("n");
        Dictionary<Guid, (Opinion Opinion, int Confidence)> typed = [];
        var (keys, watch) = (0, Stopwatch.StartNew());
        async Task PressAsync(string key)
        {
            keys++;
            await page.Keyboard.PressAsync(key);
        }

        for (var i = 0; i < FilmCount; i++)
        {
            await Expect(page.Locator("#viewer[data-state=ready]")).ToBeVisibleAsync();
            await Expect(page.Locator(".study")).ToHaveAttributeAsync("data-stage", "Blind");
            var study = Guid.Parse((await page.Locator(".study").GetAttributeAsync("data-study"))!);
            var (opinion, confidence) = (i % 4, i % 5 + 1);
            await PressAsync($"{opinion + 1}");
            await PressAsync($"Shift+{confidence}");
            if (i == FilmCount / 3)
            {
                // What was typed is kept a moment later; what was typed in that moment is typed again.
                await program.UntilAsync(db => db.KeptDrafts.AnyAsync(d => d.StudyId == study && d.Confidence == confidence), minutes: 4);
                await KillAsync(program, page);
                await Expect(page.Locator(".study-choice input:checked")).ToHaveCountAsync(1);
            }

            await PressAsync("Enter");
            await Expect(page.Locator(".study")).ToHaveAttributeAsync("data-stage", "Final");
            if (i == 2 * FilmCount / 3)
            {
                await KillAsync(program, page);
                await Expect(page.Locator(".study")).ToHaveAttributeAsync("data-stage", "Final");
            }

            if (await page.Locator("input[name=agrees]:checked").CountAsync() == 0)
            {
                // The opinion does not say by itself whether it agrees.
                await PressAsync("d");
            }

            await PressAsync("Enter");
            await Expect(page.Locator(".study")).ToHaveAttributeAsync("data-stage", "None");
            Assert.True(typed.TryAdd(study, (Enum.GetValues<Opinion>()[opinion], confidence)), "A film came twice.");
            await PressAsync("n");
            await page.WaitForURLAsync(url => !url.Contains(study.ToString(), StringComparison.Ordinal));
        }

        // The keys wait for every answer here; how long is a matter of the machine, and of the two starts amid them.
        await File.WriteAllTextAsync(
            Path.Combine(Places.Results, "readings.txt"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{FilmCount} readings: {(double)keys / FilmCount:F2} keys and {watch.Elapsed.TotalSeconds / FilmCount:F2} s each\n"));

        await using (var db = program.OpenDatabase())
        {
            var kept = await db.Readings.OrderBy(r => r.CreatedAt).ToListAsync();
            Assert.Equal(2 * FilmCount, kept.Count);
            foreach (var (study, said) in typed)
            {
                Assert.Equal(
                    [(ReadingStage.Blind, said.Opinion, said.Confidence), (ReadingStage.Final, said.Opinion, said.Confidence)],
                    kept.Where(r => r.StudyId == study).Select(r => (r.Stage, r.Opinion, r.Confidence)));
            }
        }

        await page.Context.CloseAsync();
    }

    static async Task KillAsync(RunningProgram program, IPage page)
    {
        await Clinic.MarkAsync(page);
        await program.KillAsync();
        await Expect(page.GetByRole(AriaRole.Dialog, new() { Name = "The server does not answer" })).ToBeVisibleAsync();
        await program.StartAsync();
        await Clinic.LoadedAnewAsync(page);
    }
}

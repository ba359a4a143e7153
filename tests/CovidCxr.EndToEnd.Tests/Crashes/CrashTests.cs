using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Jobs;
using CovidCxr.Domain.Studies;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests.Crashes;

[Collection(nameof(Clinic))]
public sealed class CrashTests(Clinic clinic)
{
    // A network that takes its time over an image, so that the kill falls between upload and result.
    const int SlowSide = 800;

    [Fact]
    public async Task Program_KilledBetweenUploadAndResult_BringsTheResultOnceAndToTheOpenPage()
    {
        Clinic.NeedBrowser();
        await using var program = await RunningProgram.StartAsync("crash", new()
        {
            ["Models__StarterFile"] = clinic.ModelFile("Slow stand-in", seed: 3, SlowSide),
            ["Jobs__Lease"] = "00:00:05",
            ["Jobs__Workers"] = "1",
            ["Inference__Threads"] = "1",
        });
        var page = await clinic.OpenAsync(program.Address);
        await Clinic.SignInAsync(page, Role.Radiologist);
        await page.GotoAsync("/?text=E2E-CRASH");
        // The circuit stands and has drawn the page: what comes later is about losing it.
        await Expect(page.Locator(".rail")).ToBeVisibleAsync();
        await program.UntilAsync(async db => await db.Jobs.CountAsync(j => j.State == JobState.Succeeded) == SeedPhantomStudies.Count);
        var study = await Clinic.UploadAsync(page, Films.Png("crash.png", Films.Phantom(701)), "E2E-CRASH");
        await program.KillAsync();
        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "The server does not answer" });
        await Expect(dialog).ToBeVisibleAsync();
        // In the colours of the page, not a white card with the page's light letters.
        Assert.Equal(
            await page.Locator("body").EvaluateAsync<string>("body => getComputedStyle(body).color"),
            await dialog.EvaluateAsync<string>("dialog => getComputedStyle(dialog).color"));
        Assert.Equal(
            await page.Locator("body").EvaluateAsync<string>("body => getComputedStyle(body).backgroundColor"),
            await dialog.EvaluateAsync<string>("dialog => getComputedStyle(dialog).backgroundColor"));
        await Look.CheckAsync(page, "server-away", "dark");
        await page.Keyboard.PressAsync("Escape");
        await Expect(dialog).ToBeVisibleAsync();
        await using (var db = program.OpenDatabase())
        {
            Assert.NotEqual(StudyStatus.Ready, (await db.Studies.SingleAsync(s => s.Id == study)).Status);
        }

        await program.StartAsync();
        // The page found its server again by itself, and the session still stands.
        await Expect(dialog).ToBeHiddenAsync(new() { Timeout = 60_000 });
        await Expect(page.GetByRole(AriaRole.Cell, new() { Name = "● ready" })).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await program.UntilAsync(async db => !await db.Jobs.AnyAsync(j => j.State != JobState.Succeeded));
        await using (var db = program.OpenDatabase())
        {
            var studies = await db.Studies.CountAsync();
            Assert.Equal(studies, await db.Jobs.CountAsync());
            Assert.Equal(studies, await db.Predictions.CountAsync());
            Assert.Equal(studies, await db.Predictions.Select(p => p.StudyId).Distinct().CountAsync());
        }

        await page.Context.CloseAsync();
    }
}

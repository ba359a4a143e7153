using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Jobs;
using CovidCxr.Domain.Readings;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests.Crashes;

/// <summary>The program on a server's database: from no table to a reading, with a kill in between.</summary>
[Collection(nameof(Clinic))]
public sealed class PostgreSqlTests(Clinic clinic)
{
    [Fact]
    public async Task Program_OnPostgreSql_StartsScoresAndKeepsAReading()
    {
        Clinic.NeedBrowser();
        Assert.SkipWhen(PostgreSqlServer.Missing is not null, PostgreSqlServer.Missing ?? "");
        await using var program = await RunningProgram.StartAsync(
            "postgresql", new() { ["Models__StarterFile"] = clinic.ModelFile("Stand-in on a server", seed: 9, side: 64) },
            isPostgreSql: true);
        var page = await clinic.OpenAsync(program.Address);
        await Clinic.SignInAsync(page, Role.Radiologist);
        await page.GotoAsync("/");
        var study = await Clinic.UploadAsync(page, Films.Png("server.png", Films.Phantom(901)), "E2E-SERVER");
        await program.KillAsync();
        await program.StartAsync();
        await program.UntilAsync(db => db.Jobs.AllAsync(j => j.State == JobState.Succeeded));
        await Clinic.OpenStudyAsync(page, study);
        await page.Keyboard.PressAsync("1");
        await page.Keyboard.PressAsync("Shift+3");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".study")).ToHaveAttributeAsync("data-stage", "Final");
        await Expect(page.Locator("#viewer[data-heat=ready]")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".study")).ToHaveAttributeAsync("data-stage", "None");
        await page.Context.CloseAsync();

        await using var after = program.OpenDatabase();
        Assert.True(after.IsPostgreSql);
        Assert.Equal(SeedPhantomStudies.Count + 1, await after.Predictions.Select(p => p.StudyId).Distinct().CountAsync());
        Assert.Equal(SeedPhantomStudies.Count + 1, await after.Predictions.CountAsync());
        Assert.Equal(
            [ReadingStage.Blind, ReadingStage.Final],
            await after.Readings.Where(r => r.StudyId == study).OrderBy(r => r.CreatedAt).Select(r => r.Stage).ToListAsync());
        Assert.False(File.Exists(program.Folder.Database));
        await using var log = new FileStream(program.LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(log);
        Assert.DoesNotContain("Username=", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }
}

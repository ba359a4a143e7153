using CovidCxr.Domain.Accounts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests;

[Collection(nameof(Clinic))]
public sealed class UploadTests(Clinic clinic)
{
    [Fact]
    public async Task Files_ThatAreNoXrays_AreEachToldWhyAndTheGoodOneStays()
    {
        Clinic.NeedBrowser();
        var page = await clinic.OpenAsync(Role.Radiologist);
        await page.GotoAsync("/");
        var bad = Films.Bad();
        var good = Films.Png("good.png", Films.Phantom(110));

        await page.Locator("[data-upload-picker]").SetInputFilesAsync([.. bad.Select(b => b.File), good]);

        await Expect(page.Locator(".tray")).ToContainTextAsync($"{bad.Count + 1} of {bad.Count + 1} done");
        foreach (var (file, words) in bad)
        {
            var fate = page.Locator(".tray li", new() { HasTextString = file.Name }).Locator(".fate");
            await Expect(fate).ToContainTextAsync("✕");
            await Expect(fate).ToContainTextAsync(words);
        }

        await Expect(page.Locator(".tray li", new() { HasTextString = "good.png" }).Locator(".fate")).ToContainTextAsync("✓ stored");
        await Look.CheckAsync(page, "worklist-tray");
        await page.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await Expect(page.Locator(".tray")).ToBeHiddenAsync();
        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    [Fact]
    public async Task Worklist_OnATablet_FitsTheWindow()
    {
        Clinic.NeedBrowser();
        var page = await clinic.OpenAsync(Role.Radiologist, width: 1024, height: 768);
        await page.GotoAsync("/");
        await Expect(page.Locator("a.row").First).ToBeVisibleAsync();

        await Look.CheckAsync(page, "worklist");
        await page.Context.CloseAsync();
    }
}

using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests;

/// <summary>Two images of one visit, from the upload to the one reading of both.</summary>
[Collection(nameof(Clinic))]
public sealed class VisitTests(Clinic clinic)
{
    [Fact]
    public async Task Lateral_AddedToAFrontalFilm_HangsBesideIt_AndBothAreReadOnce()
    {
        Clinic.NeedBrowser();
        var page = await clinic.OpenAsync(Role.Radiologist);
        await page.GotoAsync("/");
        var study = await Clinic.UploadAsync(page, Films.Png("pa.png", Films.Phantom(351)), "E2E-VISIT");
        await clinic.WaitForResultAsync(study);
        await Clinic.OpenStudyAsync(page, study);

        await page.GetByRole(AriaRole.Button, new() { Name = "Add an image of this visit…" }).ClickAsync();
        // The field is drawn a moment before it listens; a person is slower.
        var named = page.Locator(".mud-dialog").GetByText("lateral.png");
        for (var tries = 0; tries < 20 && await named.CountAsync() == 0; tries++)
        {
            await page.Locator(".mud-dialog input[type=file]").SetInputFilesAsync(Films.Png("lateral.png", Films.Phantom(352)));
            await page.WaitForTimeoutAsync(1000);
        }

        await Expect(named).ToBeVisibleAsync();
        await page.Locator(".mud-dialog .mud-input-control.mud-select").ClickAsync();
        await page.Locator(".mud-popover .mud-list-item", new() { HasTextString = "Lateral" }).ClickAsync();
        await page.Locator(".mud-dialog-actions").GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await Expect(page.Locator("#viewer-further[data-state=ready]")).ToBeVisibleAsync();
        await Expect(page.Locator("#viewer[data-state=ready]")).ToBeVisibleAsync();
        await Expect(page.Locator(".viewer-caption").Nth(1)).ToContainTextAsync("E2E-VISIT");
        await Expect(page.Locator(".viewer-caption").Nth(1)).ToContainTextAsync("Lateral");
        await Look.CheckAsync(page, "study-visit");

        await page.Keyboard.PressAsync("s");
        await Expect(page.Locator(".study-images")).ToHaveAttributeAsync("data-hung", "1");
        await page.Keyboard.PressAsync("s");
        await Expect(page.Locator(".viewer-caption")).ToContainTextAsync("Lateral");
        // Typed while the other image opens.
        await page.Keyboard.PressAsync("1");
        await page.Keyboard.PressAsync("Shift+3");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".study")).ToHaveAttributeAsync("data-stage", "Final");
        await Expect(page.Locator("[data-heat=ready]")).ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("s");
        await Expect(page.Locator("#viewer[data-heat=ready]")).ToBeVisibleAsync();
        await Expect(page.Locator("#viewer-further[data-heat=ready]")).ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".study")).ToHaveAttributeAsync("data-stage", "None");

        await using (var db = clinic.Program.OpenDatabase())
        {
            Assert.Equal(study, (await db.Studies.SingleAsync(s => s.PatientNumber == "E2E-VISIT")).Id);
            Assert.Equal(ViewPosition.Lateral, (await db.StudyImages.SingleAsync(i => i.StudyId == study)).View);
            Assert.Equal(
                [ReadingStage.Blind, ReadingStage.Final],
                await db.Readings.Where(r => r.StudyId == study).OrderBy(r => r.CreatedAt).Select(r => r.Stage).ToListAsync());
        }

        await page.GotoAsync("/?text=E2E-VISIT");
        await Expect(page.Locator(".worklist tbody tr")).ToHaveCountAsync(1);
        await Expect(page.Locator(".worklist tbody tr")).ToContainTextAsync("+1");
        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }
}

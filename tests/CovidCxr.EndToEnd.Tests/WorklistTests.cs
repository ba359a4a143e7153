using System.Text.RegularExpressions;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Studies;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests;

[Collection(nameof(Clinic))]
public sealed partial class WorklistTests(Clinic clinic) : IAsyncDisposable
{
    [Fact]
    public async Task Film_UploadedUrgent_StandsFirstIsTakenByKeysAndComesNext()
    {
        Clinic.NeedBrowser();
        var page = await clinic.OpenAsync(Role.Radiologist);
        await page.GotoAsync("/");
        await Clinic.UploadAsync(page, Films.Png("usual.png", Films.Phantom(301)), "E2E-USUAL");
        await page.GetByRole(AriaRole.Button, new() { Name = "Details" }).ClickAsync();
        await page.GetByLabel("Patient number", new() { Exact = true }).FillAsync("E2E-URGENT");
        await page.GetByLabel("Urgent because").SelectOptionAsync("EmergencyDepartment");
        await page.Locator("[data-upload-picker]").SetInputFilesAsync(Films.Png("urgent.png", Films.Phantom(302)));
        await Expect(page.Locator(".tray .fate")).ToContainTextAsync("✓ stored");
        await Clinic.UploadAsync(page, Films.Png("later.png", Films.Phantom(303)), "E2E-LATER");

        var first = page.Locator(".worklist tbody tr").First;
        await Expect(first).ToContainTextAsync("E2E-URGENT");
        await Expect(first).ToContainTextAsync("▲ urgent");
        await page.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Details" }).ClickAsync();

        // By keys alone: the row, choose, the panel, and to whom.
        await page.Keyboard.PressAsync("Home");
        await page.Keyboard.PressAsync("x");
        await Expect(first.GetByRole(AriaRole.Checkbox)).ToBeCheckedAsync();
        await page.Keyboard.PressAsync("a");
        await Expect(page.GetByLabel("Films")).ToBeFocusedAsync();
        await Expect(page.GetByLabel("Films")).ToHaveValueAsync("some");
        await Look.CheckAsync(page, "worklist-work");
        await page.GetByLabel("Films").FocusAsync();
        await page.Keyboard.PressAsync("Tab");
        var assign = page.GetByRole(AriaRole.Button, new() { Name = "Assign", Exact = true });
        await Expect(assign).ToBeDisabledAsync();
        // Past "choose" and "nobody".
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("ArrowDown");
        await Expect(assign).ToBeEnabledAsync();
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByText("1 study changed.")).ToBeVisibleAsync();
        await Expect(first.Locator(".assignee")).ToHaveTextAsync("you");

        await page.GetByLabel("Assigned to").SelectOptionAsync("me");
        await Expect(page).ToHaveURLAsync(Mine());
        await Expect(page.Locator("a.row")).ToHaveTextAsync(["E2E-URGENT"]);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save filter" }).ClickAsync();
        await page.GetByLabel("Name of this filter").FillAsync("My films");
        await page.GetByLabel("the worklist opens with it").CheckAsync();
        await Look.CheckAsync(page, "worklist-save-filter");
        await page.GetByLabel("Name of this filter").PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "My films · opens first" })).ToBeVisibleAsync();
        await Look.CheckAsync(page, "worklist-saved");
        // As by a bookmark, and back from another page of the program.
        await page.GotoAsync("/");
        await Expect(page).ToHaveURLAsync(Mine());
        await Expect(page.Locator("a.row")).ToHaveTextAsync(["E2E-URGENT"]);
        await page.GetByRole(AriaRole.Link, new() { Name = "Help" }).First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Help", Exact = true })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Worklist" }).First.ClickAsync();
        await Expect(page).ToHaveURLAsync(Mine());
        await Expect(page.Locator("a.row")).ToHaveTextAsync(["E2E-URGENT"]);
        var study = (await page.Locator("a.row").GetAttributeAsync("href"))!;
        await page.GetByRole(AriaRole.Link, new() { Name = "All studies" }).ClickAsync();
        await Expect(page.Locator("a.row").Nth(2)).ToBeVisibleAsync();

        await page.Locator("a.row").First.FocusAsync();
        await page.Keyboard.PressAsync("n");
        await Expect(page.Locator(".study")).ToHaveAttributeAsync("data-stage", "Blind");
        await Expect(page).ToHaveURLAsync(new Uri(clinic.Program.Address, study).ToString());
        var marks = page.Locator(".study-marks summary");
        await Expect(marks).ToContainTextAsync("urgent: emergency department · for you");
        // A letter in the list of reasons chooses there, and changes nothing.
        await marks.ClickAsync();
        await page.Locator(".study-marks select").FocusAsync();
        await page.Keyboard.PressAsync("n");
        await Expect(page.Locator(".study-marks [data-mark]")).ToBeEnabledAsync();
        await Expect(marks).ToContainTextAsync("urgent: emergency department · for you");

        await using (var db = clinic.Program.OpenDatabase())
        {
            var film = Guid.Parse(study.Split('/')[^1]);
            var trail = await db.Audit.Where(a => a.StudyId == film).Select(a => a.Action).ToListAsync();
            Assert.Contains(AuditAction.StudyUrgency, trail);
            Assert.Contains(AuditAction.StudyAssign, trail);
        }

        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    // The worklist of the next stories opens as usual, and their next film is one of theirs.
    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Places.Chromium))
        {
            await using var db = clinic.Program.OpenDatabase();
            await db.SavedFilters.ExecuteDeleteAsync();
            await db.Studies.Where(s => s.Urgency != null || s.AssignedTo != null).ExecuteUpdateAsync(
                s => s.SetProperty(x => x.Urgency, (UrgencyReason?)null).SetProperty(x => x.AssignedTo, (Guid?)null));
        }
    }

    [GeneratedRegex("assigned=me")]
    private static partial Regex Mine();
}

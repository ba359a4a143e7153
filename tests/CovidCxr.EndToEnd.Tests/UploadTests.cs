using CovidCxr.Domain.Accounts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests;

[Collection(nameof(Clinic))]
public sealed class UploadTests(Clinic clinic)
{
    // Makes the browser drop files as a person would.
    const string Drop =
        """
        async files => {
          const data = new DataTransfer();
          for (const f of files) data.items.add(new File([Uint8Array.from(atob(f.base64), c => c.charCodeAt(0))], f.name));
          document.body.dispatchEvent(new DragEvent('dragenter', { dataTransfer: data, bubbles: true }));
          document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
        }
        """;

    [Fact]
    public async Task Files_DroppedTogether_ArriveWithTheirDetailsAndResultsWithoutAReload()
    {
        Clinic.NeedBrowser();
        var page = await clinic.OpenAsync(Role.Radiologist);
        await page.GotoAsync("/");
        await page.EvaluateAsync("window.sameDocument = true");
        await page.GetByRole(AriaRole.Button, new() { Name = "Details" }).ClickAsync();
        await page.GetByLabel("Patient number", new() { Exact = true }).FillAsync("E2E-UPLOAD");
        await page.GetByLabel("Sex").SelectOptionAsync("Female");
        await page.GetByLabel("Age, years").FillAsync("61");
        await page.GetByLabel("Date", new() { Exact = true }).FillAsync("2026-02-20");
        await Look.CheckAsync(page, "worklist-details");
        FilePayload[] films =
        [
            Films.Png("deep.png", Films.Phantom(101, size: 1024, bits: 16)),
            Films.Jpeg("progressive.jpg", Films.Phantom(102), progressive: true),
            Films.Jpeg("plain.jpg", Films.Phantom(103), progressive: false), Films.Tiff("film.tif", Films.Phantom(104)),
        ];

        // The first two are held on their way, so that the others must wait.
        var held = new TaskCompletionSource();
        await page.RouteAsync("**/studies/upload", async route =>
        {
            await held.Task;
            await route.ContinueAsync();
        });
        await page.EvaluateAsync(Drop, films.Select(f => new { name = f.Name, base64 = Convert.ToBase64String(f.Buffer) }).ToArray());
        await Expect(page.Locator(".tray progress")).ToHaveCountAsync(4);
        await Expect(page.Locator(".tray .fate", new() { HasTextString = "waiting" })).ToHaveCountAsync(2);
        await Expect(page.Locator(".tray")).ToContainTextAsync("0 of 4 done");
        held.SetResult();

        await Expect(page.Locator(".tray .fate", new() { HasTextString = "✓ stored" })).ToHaveCountAsync(4);
        await Expect(page.Locator(".tray")).ToContainTextAsync("4 of 4 done");
        await Expect(page.Locator(".tray progress")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Searchbox).FillAsync("E2E-UPLOAD");
        await page.Keyboard.PressAsync("Enter");
        var rows = page.Locator(".worklist tbody tr");
        await Expect(rows).ToHaveCountAsync(4);
        await Expect(rows.Filter(new() { HasTextString = "● ready" })).ToHaveCountAsync(4);
        await Expect(rows.First).ToContainTextAsync("61");
        await Expect(rows.First).ToContainTextAsync("F");
        await Expect(rows.First).ToContainTextAsync("locked until you have read it");
        Assert.True(await page.EvaluateAsync<bool>("window.sameDocument === true"));
        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

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
    public async Task Film_WhoseConnectionBroke_IsSentAgainWithItsDetails()
    {
        Clinic.NeedBrowser();
        var page = await clinic.OpenAsync(Role.Radiologist);
        await page.GotoAsync("/");
        await page.GetByRole(AriaRole.Button, new() { Name = "Details" }).ClickAsync();
        await page.GetByLabel("Patient number", new() { Exact = true }).FillAsync("E2E-AGAIN");
        await page.GetByLabel("Age, years").FillAsync("47");
        var tries = 0;
        await page.RouteAsync("**/studies/upload", route => ++tries == 1 ? route.AbortAsync() : route.ContinueAsync());

        await page.Locator("[data-upload-picker]").SetInputFilesAsync(Films.Png("broken.png", Films.Phantom(130)));
        await Expect(page.Locator(".tray .fate")).ToContainTextAsync("The connection broke");
        // Typed for the next patient meanwhile.
        await page.GetByLabel("Patient number", new() { Exact = true }).FillAsync("E2E-NEXT");
        await Look.CheckAsync(page, "worklist-again");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send again: broken.png" }).ClickAsync();

        await Expect(page.Locator(".tray .fate")).ToContainTextAsync("✓ stored");
        await Expect(page.Locator(".tray")).ToContainTextAsync("1 of 1 done");
        var row = page.Locator(".worklist tbody tr", new() { HasTextString = "E2E-AGAIN" });
        await Expect(row).ToContainTextAsync("47");
        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    [Fact]
    public async Task Film_KnownAlready_OpensTheStudyThatItIs()
    {
        Clinic.NeedBrowser();
        var page = await clinic.OpenAsync(Role.Radiologist);
        await page.GotoAsync("/");
        var film = Films.Phantom(120);
        var study = await Clinic.UploadAsync(page, Films.Png("first.png", film));

        // Other bytes, same pixels.
        await page.Locator("[data-upload-picker]").SetInputFilesAsync(Films.Tiff("again.tif", film));

        await Expect(page).ToHaveURLAsync($"{clinic.Program.Address}studies/{study}");
        await Expect(page.Locator("#viewer[data-state=ready]")).ToBeVisibleAsync();
        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    [Fact]
    public async Task Worklist_ByKeys_SearchesMovesOpensAndExplains()
    {
        Clinic.NeedBrowser();
        var page = await clinic.OpenAsync(Role.Radiologist);
        await page.GotoAsync("/");
        await Expect(page.Locator("a.row").First).ToBeVisibleAsync();
        await Look.CheckAsync(page, "worklist");

        await page.Keyboard.PressAsync("?");
        await Expect(page.Locator("#worklist-keys")).ToBeVisibleAsync();
        await Look.CheckAsync(page, "worklist-keys");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("#worklist-keys")).ToBeHiddenAsync();

        await page.Keyboard.PressAsync("/");
        await Expect(page.GetByRole(AriaRole.Searchbox)).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("NOBODY");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByText("No study matches these filters.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Searchbox).FillAsync("PHANTOM-001");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("a.row")).ToHaveCountAsync(2);
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("ArrowDown");
        await Expect(page.Locator("a.row").Nth(1)).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".study h1")).ToHaveTextAsync("PHANTOM-001");
        await page.GoBackAsync();
        await Expect(page.Locator("a.row")).ToHaveCountAsync(2);
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

using CovidCxr.Domain.Accounts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests;

[Collection(nameof(Clinic))]
public sealed class ViewerTests(Clinic clinic)
{
    [Fact]
    public async Task Image_ByKeysAndMouse_WindowsZoomsInvertsAndResets()
    {
        Clinic.NeedBrowser();
        var page = await OpenRevealedAsync(seed: 304);
        var (width, zoom) = (page.Locator("#viewer [data-value=W]"), page.Locator("#viewer [data-value=zoom]"));
        await page.Keyboard.PressAsync("h");
        var plain = await Look.StageAsync(page);
        var (plainWidth, plainZoom) = (await width.TextContentAsync(), await zoom.TextContentAsync());

        await page.Keyboard.PressAsync("i");
        await Expect(page.Locator("#viewer [data-action=invert]")).ToHaveAttributeAsync("aria-pressed", "true");
        Assert.NotEqual(plain, await Look.StageAsync(page));
        await page.Keyboard.PressAsync("+");
        await Expect(zoom).Not.ToHaveTextAsync(plainZoom!);
        await page.Mouse.MoveAsync(500, 400);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(600, 460, new() { Steps = 5 });
        await page.Mouse.UpAsync();
        await Expect(width).Not.ToHaveTextAsync(plainWidth!);
        await page.Keyboard.PressAsync("r");
        await Expect(width).ToHaveTextAsync(plainWidth!);
        await Expect(zoom).ToHaveTextAsync(plainZoom!);
        await page.Mouse.MoveAsync(1500, 8);
        Assert.Equal(plain, await Look.StageAsync(page));

        await page.Keyboard.PressAsync("?");
        await Expect(page.Locator("#viewer dialog")).ToBeVisibleAsync();
        await Look.CheckAsync(page, "study-keys");
        await page.Keyboard.PressAsync("Escape");
        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    [Fact]
    public async Task HeatMap_ByKeys_GoesComesFadesAndTurnsToContours()
    {
        Clinic.NeedBrowser();
        var page = await OpenRevealedAsync(seed: 305);
        var shown = await Look.StageAsync(page);

        await page.Keyboard.PressAsync("h");
        await Expect(page.Locator("#viewer .viewer-legend")).ToBeHiddenAsync();
        var plain = await Look.StageAsync(page);
        Assert.NotEqual(shown, plain);
        await page.Keyboard.PressAsync("h");
        Assert.Equal(shown, await Look.StageAsync(page));

        await page.Keyboard.PressAsync("]");
        await Expect(page.GetByLabel("Heat map opacity")).ToHaveValueAsync("60");
        Assert.NotEqual(shown, await Look.StageAsync(page));
        for (var step = 0; step < 6; step++)
        {
            await page.Keyboard.PressAsync("[");
        }

        await Expect(page.GetByLabel("Heat map opacity")).ToHaveValueAsync("0");
        Assert.Equal(plain, await Look.StageAsync(page));
        await page.Keyboard.PressAsync("c");
        await Expect(page.Locator("#viewer [data-action=contour]")).ToHaveAttributeAsync("aria-pressed", "true");
        Assert.NotEqual(plain, await Look.StageAsync(page));

        var legend = page.Locator("#viewer .viewer-legend figcaption");
        var first = await legend.TextContentAsync();
        await page.Locator(".study-classes label:not(:has(:checked))").First.ClickAsync();
        await Expect(legend).Not.ToHaveTextAsync(first!);
        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    // A reader's own study, read blind, so that the heat map lies over it.
    async Task<IPage> OpenRevealedAsync(int seed)
    {
        var page = await clinic.OpenAsync(Role.Radiologist);
        await page.GotoAsync("/");
        var study = await Clinic.UploadAsync(page, Films.Png("view.png", Films.Phantom(seed)), "E2E-VIEW");
        await clinic.WaitForResultAsync(study);
        await Clinic.OpenStudyAsync(page, study);
        await page.Keyboard.PressAsync("2");
        await page.Keyboard.PressAsync("Shift+4");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#viewer[data-heat=ready]")).ToBeVisibleAsync();
        if (await page.Locator("#viewer [data-action=heat][aria-pressed=false]").CountAsync() > 0)
        {
            // Below the threshold it is off until it is asked for.
            await page.Keyboard.PressAsync("h");
        }

        await Expect(page.Locator("#viewer .viewer-legend")).ToBeVisibleAsync();
        return page;
    }
}

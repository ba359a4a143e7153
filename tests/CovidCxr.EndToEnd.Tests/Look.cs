using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace CovidCxr.EndToEnd.Tests;

/// <summary>What a page looks like, to axe and in pictures.</summary>
static class Look
{
    static readonly AxeRunOptions Wcag = new()
    {
        RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }
    };

    // What another theme may break: the rest is the same page.
    static readonly AxeRunOptions Colours = new()
    {
        RunOnly = new RunOnlyOptions { Type = "rule", Values = ["color-contrast", "link-in-text-block"] }
    };

    /// <summary>In both themes: no finding of WCAG 2.1 AA, nothing wider than the window, and a picture for people.</summary>
    /// <param name="themes">Both, unless another look at the page has seen the light one.</param>
    public static async Task CheckAsync(IPage page, string name, params string[] themes)
    {
        var size = $"{page.ViewportSize!.Width}x{page.ViewportSize.Height}";
        var rules = Wcag;
        foreach (var theme in themes.Length > 0 ? themes : ["dark", "light"])
        {
            await WearAsync(page, theme);
            await page.ScreenshotAsync(new() { Path = Path.Combine(Places.Results, $"{name}-{theme}-{size}.png") });
            Assert.True(
                await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{name} is wider than {size}.");
            var found = (await page.RunAxe(rules)).Violations;
            rules = Colours;
            Assert.True(found.Length == 0, $"{name}, {theme}: " + string.Join(
                "; ", found.Select(v => $"{v.Id} at {string.Join(", ", v.Nodes.Select(n => n.Target))}: {v.Nodes[0].Html}")));
        }

        await WearAsync(page, "dark");
    }

    /// <summary>The middle of the X-ray, where neither legend nor readout lies over it, to compare pixels with.</summary>
    public static async Task<byte[]> StageAsync(IPage page)
    {
        await page.EvaluateAsync("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
        var box = (await page.Locator("#viewer .viewer-stage").BoundingBoxAsync())!;
        return await page.ScreenshotAsync(new()
        {
            Clip = new() { X = box.X + (box.Width / 4), Y = box.Y + (box.Height / 4), Width = box.Width / 2, Height = box.Height / 2 },
        });
    }

    static async Task WearAsync(IPage page, string theme)
    {
        var shell = page.Locator(".shell");
        if (await shell.CountAsync() == 0)
        {
            // Pages before the sign-in are dark alone.
            return;
        }

        if (await shell.GetAttributeAsync("data-theme") != theme)
        {
            // A dialog may be over the button.
            await page.Locator("[data-action=theme]").DispatchEventAsync("click");
        }

        await Assertions.Expect(shell).ToHaveAttributeAsync("data-theme", theme);
        // A page of an open circuit draws its title in a step of its own.
        await Assertions.Expect(page).ToHaveTitleAsync(new Regex("."));
        await page.Mouse.MoveAsync(800, 8);
        // What moves is put where it ends: on a page that draws no frame it would not get there. What repeats for ever has no end.
        await page.EvaluateAsync(
            """
            document.getAnimations().filter(a => a.effect?.getComputedTiming().endTime !== Infinity).forEach(a => a.finish())
            """);
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CovidCxr.Domain.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests.Screens;

/// <summary>Every main page on small, magnified and very large screens: nothing cut, nothing lost at the side, no empty half.</summary>
[Collection(nameof(Clinic))]
public sealed partial class ScreenTests(Clinic clinic)
{
    // The first is 1366 by 768, magnified to 200%.
    static readonly (int Width, int Height)[] Screens = [(683, 384), (1024, 768), (1366, 768), (1920, 1080), (3840, 2160)];

    // Controls that stick out of the window or of what hides its overflow, and how far to the right words, pictures and frames reach.
    const string Measure =
        """
        () => {
          const width = innerWidth, main = document.querySelector('#main'), problems = [];
          const isSeen = e => e.checkVisibility({ visibilityProperty: true }) && !e.closest('.visually-hidden')
            && e.getBoundingClientRect().width > 2;
          const say = e => e.textContent.trim() || e.getAttribute('aria-label') || e.className;
          const panel = document.querySelector('.study-panel');
          if (panel?.scrollWidth > panel?.clientWidth) problems.push('has a panel that is cut');
          for (const table of width < 1366 ? [] : main.querySelectorAll('.mud-table-container'))
            if (table.scrollWidth > table.clientWidth + 1) problems.push(`cuts the table "${table.innerText.slice(0, 40)}"`);
          if (document.documentElement.scrollWidth > width) problems.push(`is ${document.documentElement.scrollWidth} wide`);
          for (const e of [...main.querySelectorAll('button, select, textarea, input, a.mud-button-root')].filter(isSeen)) {
            const box = e.getBoundingClientRect();
            let cut = false;
            for (let p = e.parentElement; p !== main && !cut; p = p.parentElement) {
              const [edge, style] = [p.getBoundingClientRect(), getComputedStyle(p).overflowX];
              // A table may be moved sideways where the window is smaller than a laptop's.
              const hides = style !== 'visible' && (width >= 1366 || !/auto|scroll/.test(style));
              cut = hides && (box.right > edge.right + 1 || box.left < edge.left - 1);
            }
            if (cut || e.matches('button, a') && e.scrollWidth > e.clientWidth + 1) problems.push(`cuts "${say(e)}"`);
          }
          let right = 0;
          const texts = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
          while (texts.nextNode()) {
            const range = document.createRange();
            if (!texts.currentNode.data.trim() || !isSeen(texts.currentNode.parentElement)) continue;
            if (texts.currentNode.parentElement.closest('.page-head, .banner, footer')) continue;
            range.selectNodeContents(texts.currentNode);
            right = Math.max(right, range.getBoundingClientRect().right);
          }
          // How many cards fill a list's row depends on what other stories left: the row itself is looked at.
          const wide = 'img, canvas, table, svg, fieldset, .mud-alert, .notice, ul.discordant';
          for (const e of [...main.querySelectorAll(wide)].filter(isSeen))
            if (!e.closest('.page-head')) right = Math.max(right, e.getBoundingClientRect().right);
          // A list with nothing in it says so in one line: how far that reaches depends on its words alone.
          const isEmpty = [...main.querySelectorAll('.empty')].some(isSeen);
          return { problems, reach: isEmpty ? 1 : right / width };
        }
        """;

    [Theory]
    [InlineData(
        Role.Radiologist, "", "studies/{0}", "patients/E2E-SCREEN", "help")]
    [InlineData(
        Role.DepartmentLead, "studies/{0}", "agreement", "agreement/studies", "agreement/discordant", "agreement/adjudication",
        "agreement/references", "agreement/drift", "agreement/policies", "settings/policy", "models/shadow")]
    [InlineData(
        Role.Admin, "models", "models/{1}", "models/{1}/gate", "data-sets", "data-sets/import", "training", "admin/accounts",
        "admin/api-clients", "admin/audit", "admin/hospital", "admin/hospital/results", "admin/system", "admin/webhooks")]
    public async Task Pages_OnEveryScreen_CutNothingAndLeaveNoHalfEmpty(string role, params string[] pages)
    {
        Clinic.NeedBrowser();
        Guid study, model;
        var uploader = await clinic.OpenAsync(Role.Radiologist);
        await uploader.GotoAsync("/");
        study = await Clinic.UploadAsync(uploader, Films.Png("screen.png", Films.Phantom(4100)), "E2E-SCREEN", "2026-03-04");
        await uploader.Context.CloseAsync();
        await using (var db = clinic.Program.OpenDatabase())
        {
            model = await db.ModelVersions.OrderBy(m => m.Number).Select(m => m.Id).FirstAsync();
        }

        var page = await clinic.OpenAsync(role);
        List<string> found = [];
        foreach (var address in pages.Select(a => string.Format(CultureInfo.InvariantCulture, a, study, model)))
        {
            await page.SetViewportSizeAsync(Screens[0].Width, Screens[0].Height);
            await page.GotoAsync("/" + address);
            await Expect(page.Locator(address.StartsWith("studies", StringComparison.Ordinal) ? "#viewer[data-state=ready]" : "#main h1"))
                .ToBeVisibleAsync();
            await Expect(page.Locator("#main")).Not.ToContainTextAsync(Waiting());
            foreach (var (width, height) in Screens)
            {
                await page.SetViewportSizeAsync(width, height);
                var problems = await MeasureAsync(page, width);
                if (problems.Count > 0)
                {
                    // A chart follows the window a moment later.
                    await Task.Delay(1000);
                    problems = await MeasureAsync(page, width);
                }

                if (problems.Count > 0)
                {
                    found.AddRange(problems.Select(p => $"{address} at {width} {p}"));
                    await page.ScreenshotAsync(new() { Path = Path.Combine(Places.Results, $"screen-{found.Count}.png") });
                }
            }
        }

        Assert.True(found.Count == 0, string.Join("\n", found));
        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    static async Task<List<string>> MeasureAsync(IPage page, int width)
    {
        var seen = await page.EvaluateAsync<JsonElement>(Measure);
        List<string> problems = [.. seen.GetProperty("problems").EnumerateArray().Select(p => p.GetString()!)];
        var reach = seen.GetProperty("reach").GetDouble();
        if (width >= 3840 && reach < 0.5)
        {
            problems.Add($"reaches {reach:P0} of it");
        }

        return problems;
    }

    [Fact]
    public async Task Motion_OfWhoAsksForLess_IsNone()
    {
        Clinic.NeedBrowser();
        var page = await clinic.OpenAsync(Role.Radiologist);
        await page.EmulateMediaAsync(new() { ReducedMotion = ReducedMotion.Reduce });
        await page.GotoAsync("/");
        var button = page.GetByRole(AriaRole.Button, new() { Name = "Next unread" });
        await Expect(button).ToBeVisibleAsync();

        Assert.True(await button.EvaluateAsync<bool>(
            "b => getComputedStyle(b).transitionDuration.split(',').every(d => parseFloat(d) < .001)"));
        await page.Context.CloseAsync();
    }

    [GeneratedRegex("(Loading[a-z ]*|Comparing|Measuring)…")]
    private static partial Regex Waiting();
}

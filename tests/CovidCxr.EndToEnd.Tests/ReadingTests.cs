using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests;

[Collection(nameof(Clinic))]
public sealed class ReadingTests(Clinic clinic)
{
    [Fact]
    public async Task Study_ReadBlindedFirst_TakesFourKeysACorrectionAndGoesOn()
    {
        Clinic.NeedBrowser();
        var page = await clinic.OpenAsync(Role.Radiologist);
        await page.GotoAsync("/");
        var study = await Clinic.UploadAsync(page, Films.Png("read.png", Films.Phantom(201)), "E2E-READ");
        await clinic.WaitForResultAsync(study);
        await Clinic.OpenStudyAsync(page, study);
        await Expect(page.Locator(".study")).ToHaveAttributeAsync("data-stage", "Blind");
        await Expect(page.Locator(".study-model")).ToContainTextAsync("Hidden until your own reading is locked");
        Assert.Equal(404, (await page.APIRequest.GetAsync($"/studies/{study}/heatmap/0")).Status);
        await Look.CheckAsync(page, "study-blind");

        await page.Keyboard.PressAsync("1");
        await page.Keyboard.PressAsync("Shift+3");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".study")).ToHaveAttributeAsync("data-stage", "Final");
        await Expect(page.Locator("#viewer[data-heat=ready]")).ToBeVisibleAsync();
        await Expect(page.Locator(".study-model")).ToContainTextAsync("the threshold 0.40");
        await Expect(page.Locator(".study-classes label")).ToHaveCountAsync(3);
        Assert.Equal("0.00", await page.EvaluateAsync<string>(
            """
            Math.max(...[...document.querySelectorAll('.study-classes label')].map(l => {
              const width = part => l.querySelector(part).getBoundingClientRect().width;
              return Math.abs(width('.share') / width('.track') - Number(l.querySelector('b').textContent));
            })).toFixed(2)
            """));
        await Expect(page.GetByText("Decision support, not a diagnosis.")).ToBeVisibleAsync();
        await Look.CheckAsync(page, "study-revealed");
        await Expect(page.Locator("input[name=agrees]:checked")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".study")).ToHaveAttributeAsync("data-stage", "None");
        await Expect(page.GetByText("Saved.")).ToBeVisibleAsync();

        await page.Keyboard.PressAsync("e");
        await page.Keyboard.PressAsync("4");
        await page.Keyboard.PressAsync("Shift+5");
        await page.Keyboard.PressAsync("d");
        await page.Locator(".study-note textarea").FillAsync("seen again");
        await page.Keyboard.PressAsync("Control+Enter");
        await Expect(page.Locator(".study-readings li.superseded")).ToHaveCountAsync(1);
        await Expect(page.Locator(".study-readings li").First).ToContainTextAsync("seen again");
        await Look.CheckAsync(page, "study-corrected");

        await using (var db = clinic.Program.OpenDatabase())
        {
            var kept = await db.Readings.Where(r => r.StudyId == study).OrderBy(r => r.CreatedAt).ToListAsync();
            Assert.Equal([ReadingStage.Blind, ReadingStage.Final, ReadingStage.Final], kept.Select(r => r.Stage));
            Assert.Equal([Opinion.Covid19, Opinion.Covid19, kept[2].Opinion], kept.Select(r => r.Opinion));
            Assert.NotEqual(Opinion.Covid19, kept[2].Opinion);
            Assert.Equal(kept[1].Id, kept[2].SupersedesId);
            Assert.Equal(5, kept[2].Confidence);
        }

        var next = await Clinic.UploadAsync(page, Films.Png("next.png", Films.Phantom(202)), "E2E-NEXT");
        await page.GetByRole(AriaRole.Link, new() { Name = "Stand-in A v1" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "What it cannot do" })).ToBeVisibleAsync();
        await page.GoBackAsync();
        await Expect(page.Locator("#viewer[data-state=ready]")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "next unread" })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("n");
        await Expect(page).ToHaveURLAsync($"{clinic.Program.Address}studies/{next}");
        await Expect(page.Locator(".study")).ToHaveAttributeAsync("data-stage", "Blind");
        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    [Fact]
    public async Task Result_ArrivingWhileTheStudyIsOpen_AppearsAndMovesNothing()
    {
        Clinic.NeedBrowser();
        var page = await clinic.OpenAsync(Role.DepartmentLead);
        var uploader = await clinic.OpenAsync(Role.Radiologist);
        await uploader.GotoAsync("/");
        var study = await Clinic.UploadAsync(uploader, Films.Png("live.png", Films.Phantom(210, size: 2048, bits: 16)));
        await page.GotoAsync($"/studies/{study}");
        await page.EvaluateAsync("window.sameDocument = true");
        await Expect(page.Locator("#viewer[data-state=ready]")).ToBeVisibleAsync();
        var before = await page.Locator("#viewer").BoundingBoxAsync();

        await Expect(page.Locator("#viewer[data-heat=ready]")).ToBeVisibleAsync();
        await Expect(page.Locator(".study-result")).ToBeVisibleAsync();

        Assert.True(await page.EvaluateAsync<bool>("window.sameDocument === true"));
        var after = await page.Locator("#viewer").BoundingBoxAsync();
        Assert.Equal((before!.X, before.Y, before.Width, before.Height), (after!.X, after.Y, after.Width, after.Height));
        await Look.CheckAsync(page, "study-lead");
        await page.Context.CloseAsync();
        await uploader.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    [Fact]
    public async Task Keys_TypedWhileAStudyOpens_AreThatStudys()
    {
        Clinic.NeedBrowser();
        var page = await clinic.OpenAsync(Role.Radiologist);
        await page.GotoAsync("/");
        await Clinic.UploadAsync(page, Films.Png("early1.png", Films.Phantom(231, size: 1024)), "E2E-EARLY1");
        var study = await Clinic.UploadAsync(page, Films.Png("early2.png", Films.Phantom(232, size: 1024)), "E2E-EARLY2");
        await page.GotoAsync("/?text=E2E-EARLY2");
        await Expect(page.Locator("a.row")).ToHaveCountAsync(1);

        await page.Locator("a.row").ClickAsync();
        await page.Keyboard.PressAsync("4");
        await page.Keyboard.PressAsync("Shift+2");

        await Expect(page).ToHaveURLAsync($"{clinic.Program.Address}studies/{study}");
        await Expect(page.Locator("#viewer[data-state=ready]")).ToBeVisibleAsync();
        await Expect(page.Locator("input[name=opinion][data-key='4']")).ToBeCheckedAsync();
        await Expect(page.Locator("input[name=confidence][data-key='Shift+2']")).ToBeCheckedAsync();
        await Expect(page.Locator(".viewer-caption")).ToContainTextAsync("E2E-EARLY2");

        // From one film to the next: what is typed after "n" is the next one's.
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".study")).ToHaveAttributeAsync("data-stage", "Final");
        await page.Keyboard.PressAsync("d");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "next unread" })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("n");
        await page.Keyboard.PressAsync("5");
        await Expect(page).Not.ToHaveURLAsync($"{clinic.Program.Address}studies/{study}");
        await Expect(page.Locator("input[name=opinion][data-key='5']")).ToBeCheckedAsync();
        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    [Fact]
    public async Task PriorStudy_BesideThisOne_MovesWithIt()
    {
        Clinic.NeedBrowser();
        var page = await clinic.OpenAsync(Role.Radiologist);
        await page.GotoAsync("/");
        await Clinic.UploadAsync(page, Films.Png("before.png", Films.Phantom(220)), "E2E-PRIOR", "2026-02-20");
        var study = await Clinic.UploadAsync(page, Films.Png("now.png", Films.Phantom(221, size: 700)), "E2E-PRIOR", "2026-02-24");
        await Clinic.OpenStudyAsync(page, study);

        await page.Keyboard.PressAsync("p");
        await Expect(page.Locator("#viewer-earlier[data-state=ready]")).ToBeVisibleAsync();
        await Expect(page.Locator(".study-earlier")).ToContainTextAsync("2026-02-20");
        await Expect(page.Locator(".viewer-caption").First).ToContainTextAsync("E2E-PRIOR · 2026-02-24");
        await Expect(page.Locator(".viewer-caption").Last).ToContainTextAsync("PRIOR");
        await Expect(page.Locator(".viewer-caption").Last).ToContainTextAsync("E2E-PRIOR · 2026-02-20");
        var zoom = page.Locator("#viewer-earlier [data-value=zoom]");
        var fitted = await zoom.TextContentAsync();
        await page.Locator("#viewer .viewer-stage").FocusAsync();
        await page.Keyboard.PressAsync("+");
        await Expect(zoom).Not.ToHaveTextAsync(fitted!);
        await Look.CheckAsync(page, "study-compare");

        await page.Keyboard.PressAsync("l");
        var apart = await zoom.TextContentAsync();
        await page.Locator("#viewer .viewer-stage").FocusAsync();
        await page.Keyboard.PressAsync("+");
        await page.Keyboard.PressAsync("+");
        await Expect(zoom).ToHaveTextAsync(apart!);
        await page.Keyboard.PressAsync("p");
        await Expect(page.Locator("#viewer-earlier")).ToHaveCountAsync(0);
        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    [Theory]
    [InlineData(1024, 768)]
    [InlineData(768, 1024)]
    public async Task Study_OnATablet_FitsTheWindow(int width, int height)
    {
        Clinic.NeedBrowser();
        var page = await clinic.OpenAsync(Role.Radiologist, width: width, height: height);
        await page.GotoAsync("/");
        var study = await Clinic.UploadAsync(page, Films.Png("tablet.png", Films.Phantom(width)));
        await clinic.WaitForResultAsync(study);
        await Clinic.OpenStudyAsync(page, study);
        await page.Keyboard.PressAsync("5");
        await page.Keyboard.PressAsync("Shift+1");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#viewer[data-heat=ready]")).ToBeVisibleAsync();

        await Look.CheckAsync(page, "study-tablet");
        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }
}

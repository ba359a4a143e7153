using CovidCxr.Domain.Accounts;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Preprocessing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests;

/// <summary>A patient's course, films under the wrong number, and one film twice.</summary>
[Collection(nameof(Clinic))]
public sealed class PatientTests(Clinic clinic)
{
    [Fact]
    public async Task Patient_OfTwoVisits_ShowsTheCourse_AndMovesToAnotherNumberAndBack()
    {
        Clinic.NeedBrowser();
        var reader = await clinic.OpenAsync(Role.Radiologist, width: 1366, height: 768);
        await reader.GotoAsync("/");
        var first = await Clinic.UploadAsync(reader, Films.Png("v1.png", Films.Phantom(961)), "E2E-COURSE", "2026-01-10");
        var second = await Clinic.UploadAsync(reader, Films.Png("v2.png", Films.Phantom(962)), "E2E-COURSE", "2026-01-14");
        await clinic.WaitForResultAsync(first);
        await clinic.WaitForResultAsync(second);

        await Clinic.OpenStudyAsync(reader, second);
        await reader.GetByRole(AriaRole.Link, new() { Name = "E2E-COURSE" }).First.ClickAsync();
        await Expect(reader.GetByRole(AriaRole.Heading, new() { Name = "Patient E2E-COURSE" })).ToBeVisibleAsync();
        await Expect(reader.Locator(".film-strip li")).ToHaveCountAsync(2);
        await Expect(reader.Locator(".film-strip li").First).ToContainTextAsync("2026-01-10");
        await Expect(reader.GetByText("hidden until you have read it")).ToHaveCountAsync(2);
        await Look.CheckAsync(reader, "patient-blind");

        var lead = await clinic.OpenAsync(Role.DepartmentLead, width: 1366, height: 768);
        await lead.GotoAsync("/patients/E2E-COURSE");
        await Expect(lead.Locator(".film-strip li")).ToHaveCountAsync(2);
        await Expect(lead.GetByText("hidden until you have read it")).ToHaveCountAsync(0);
        await Expect(lead.GetByRole(AriaRole.Link, new() { Name = "with 2026-01-10" })).ToBeVisibleAsync();
        await Look.CheckAsync(lead, "patient");
        await lead.GetByRole(AriaRole.Button, new() { Name = "Same person as another number…" }).ClickAsync();
        await lead.GetByLabel("The number that they belong to").FillAsync("E2E-COURSE-2");
        await lead.GetByLabel("Reason").FillAsync("two numbers of one person");
        await Look.CheckAsync(lead, "patient-merge");
        await lead.GetByRole(AriaRole.Button, new() { Name = "Move", Exact = true }).ClickAsync();
        await Expect(lead.GetByText("it may be mistyped")).ToBeVisibleAsync();
        await lead.GetByRole(AriaRole.Button, new() { Name = "Move all the same" }).ClickAsync();
        await Expect(lead.GetByRole(AriaRole.Heading, new() { Name = "Patient E2E-COURSE-2" })).ToBeVisibleAsync();
        await Expect(lead.Locator(".film-strip li")).ToHaveCountAsync(2);

        await Clinic.OpenStudyAsync(lead, first);
        await lead.GetByRole(AriaRole.Button, new() { Name = "Undo last change…" }).ClickAsync();
        await lead.GetByLabel("Reason").FillAsync("they were two");
        await lead.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(lead.GetByRole(AriaRole.Link, new() { Name = "E2E-COURSE", Exact = true }).First).ToBeVisibleAsync();
        await reader.Context.CloseAsync();
        await lead.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    [Fact]
    public async Task Copy_OfAFilm_IsAskedAboutAtTheUpload()
    {
        Clinic.NeedBrowser();
        var page = await clinic.OpenAsync(Role.Radiologist, width: 1366, height: 768);
        await page.GotoAsync("/");
        var film = Noise(seed: 97);
        var study = await Clinic.UploadAsync(page, Films.Png("first.png", film), "E2E-FIRST");
        await page.GetByRole(AriaRole.Button, new() { Name = "Details" }).ClickAsync();
        await page.GetByLabel("Patient number", new() { Exact = true }).FillAsync("E2E-OTHER");
        var brighter = new GreyImage(film.Width, film.Height, 8, [.. film.Samples.Select(s => (ushort)Math.Min(255, s + 20))]);

        await page.Locator("[data-upload-picker]").SetInputFilesAsync(Films.Png("brighter.png", brighter));

        await Expect(page.Locator(".tray .fate")).ToContainTextAsync("same film as one under E2E-FIRST");
        await Expect(page.Locator(".tray").GetByRole(AriaRole.Link, new() { Name = "open that one" }))
            .ToHaveAttributeAsync("href", $"studies/{study}");
        await Look.CheckAsync(page, "worklist-copy");
        await page.GetByRole(AriaRole.Button, new() { Name = "Store it all the same: brighter.png" }).ClickAsync();
        await Expect(page.Locator(".tray .fate")).ToContainTextAsync("✓ stored");
        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    // No phantom: those are compared with none.
    static GreyImage Noise(int seed, int side = 256)
    {
        var random = new SplitMix64(seed, 0xC0);
        float[] Cells(int cells) => Resizer.Resize(
            [.. Enumerable.Range(0, cells * cells).Select(_ => (float)random.Normal())], cells, cells, side, side);
        var (coarse, fine) = (Cells(8), Cells(32));
        return new(
            side, side, 8,
            [.. Enumerable.Range(0, side * side).Select(i => (ushort)Math.Clamp((int)(128 + (40 * coarse[i]) + (15 * fine[i])), 0, 255))]);
    }
}

using System.Collections.Concurrent;
using System.Text;
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
    public async Task TherapyNote_OfTheLead_IsShownToAReaderOnceTheFilmIsRead()
    {
        const string Words = "Dexamethasone 6 mg", Page = "/patients/E2E-THERAPY";
        Clinic.NeedBrowser();
        var reader = await clinic.OpenAsync(Role.Radiologist, width: 1366, height: 768);
        var received = Received(reader);
        await reader.GotoAsync("/");
        var film = await Clinic.UploadAsync(reader, Films.Png("t1.png", Films.Phantom(971)), "E2E-THERAPY", "2026-01-12");
        await clinic.WaitForResultAsync(film);

        var lead = await clinic.OpenAsync(Role.DepartmentLead, width: 1366, height: 768);
        await lead.GotoAsync(Page);
        var form = lead.GetByRole(AriaRole.Form, new() { Name = "Add a therapy note" });
        await WriteAsync(form, "2026-01-10", "2026-01-20", Words);
        await Expect(lead.GetByText("The note is stored.")).ToBeVisibleAsync();
        await Expect(form.GetByLabel("What was done")).ToHaveValueAsync("");
        await Expect(form.GetByLabel("What was done")).ToBeFocusedAsync();
        await WriteAsync(form, "2026-01-14", "", "Intubated");
        await Expect(lead.Locator(".therapy tbody tr")).ToHaveCountAsync(2);
        await WriteAsync(form, "2026-01-16", "2026-01-14", "Typed and not lost");
        await Expect(lead.GetByText("The last day lies before the first.")).ToBeVisibleAsync();
        await Expect(form.GetByLabel("What was done")).ToHaveValueAsync("Typed and not lost");
        await Expect(lead.Locator(".therapy tbody tr").First).ToContainTextAsync(Words);
        Assert.Equal(
            [$"{Words} (2026-01-10 to 2026-01-20)", "Intubated (2026-01-14)"],
            await lead.EvaluateAsync<string[]>(
                """
                Chart.getChart(document.querySelector('.chart canvas')).data.datasets
                  .find(d => d.label === 'Therapy notes').data.filter((p, i) => i % 2 === 0).map(p => p.label)
                """));
        await lead.Locator(".therapy").ScrollIntoViewIfNeededAsync();
        await Look.CheckAsync(lead, "patient-therapy");
        await lead.Locator(".chart").ScrollIntoViewIfNeededAsync();
        await Look.CheckAsync(lead, "patient-therapy-chart");

        var answer = await (await reader.GotoAsync(Page))!.TextAsync();
        await Expect(reader.GetByText("Therapy notes are shown once you have read this patient's films.")).ToBeVisibleAsync();
        await reader.GetByLabel("What was done").FillAsync("no secret");
        Assert.DoesNotContain("Dexamethasone", answer + received(), StringComparison.Ordinal);
        await Expect(reader.Locator(".chart")).ToHaveCountAsync(0);
        await Look.CheckAsync(reader, "patient-therapy-hidden");

        await Clinic.OpenStudyAsync(reader, film);
        await ReadAsync(reader);
        await reader.GotoAsync(Page);
        await Expect(reader.GetByRole(AriaRole.Cell, new() { Name = Words, Exact = true })).ToBeVisibleAsync();
        Assert.Contains("Dexamethasone", received(), StringComparison.Ordinal);

        await lead.GetByRole(AriaRole.Button, new() { Name = "Strike out: Intubated" }).ClickAsync();
        await lead.GetByLabel("Reason").FillAsync("of another patient");
        await Look.CheckAsync(lead, "patient-therapy-strike");
        await lead.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Strike out" }).ClickAsync();
        await Expect(lead.Locator(".therapy tbody s")).ToHaveTextAsync("Intubated");
        await Expect(lead.GetByText("The note is struck out.")).ToBeVisibleAsync();
        await Expect(lead.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Expect(form.GetByLabel("What was done")).ToBeFocusedAsync();
        await reader.ReloadAsync();
        await Expect(reader.Locator(".therapy tbody tr")).ToHaveCountAsync(1);
        await Look.CheckAsync(lead, "patient-therapy-struck");
        await reader.Context.CloseAsync();
        await lead.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    static async Task WriteAsync(ILocator form, string from, string until, string words)
    {
        await form.GetByLabel("From").FillAsync(from);
        await form.GetByLabel("Until").FillAsync(until);
        await form.GetByLabel("What was done").FillAsync(words);
        await form.GetByLabel("What was done").PressAsync("Enter");
    }

    /// <summary>All that the circuits of the page's window are sent, as text.</summary>
    static Func<string> Received(IPage page)
    {
        var frames = new ConcurrentQueue<string>();
        page.WebSocket += (_, socket) => socket.FrameReceived += (_, frame) =>
            frames.Enqueue(frame.Text ?? Encoding.UTF8.GetString(frame.Binary ?? []));
        return () => string.Concat(frames);
    }

    static async Task ReadAsync(IPage page)
    {
        await page.Keyboard.PressAsync("5");
        await page.Keyboard.PressAsync("Shift+2");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".study")).ToHaveAttributeAsync("data-stage", "Final");
        await page.Keyboard.PressAsync("d");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "next unread" })).ToBeVisibleAsync();
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

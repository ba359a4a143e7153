using CovidCxr.Domain.Accounts;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Rendering;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests;

/// <summary>An administrator retrains from the browser, on films drawn here.</summary>
[Collection(nameof(Clinic))]
public sealed class TrainingTests(Clinic clinic)
{
    const int Side = 48;

    [Fact]
    public async Task Run_StartedPausedResumedAndStopped_EndsInAModel()
    {
        Clinic.NeedBrowser();
        WriteFilms(Path.Combine(clinic.Program.Folder.Root, "datasets", "drawn"));
        var page = await clinic.OpenAsync(Role.Admin);
        await page.GotoAsync("/training");
        await page.GetByRole(AriaRole.Button, new() { Name = "New run" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Draw the schedule" }).ClickAsync();
        await Expect(page.Locator(".run-form canvas")).ToHaveCountAsync(2);
        await page.GetByLabel("Lowest rate (amin)").FillAsync("-1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start the run" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("schedule.minRate");
        await page.GetByLabel("Lowest rate (amin)").FillAsync("0.0001");
        await Look.CheckAsync(page, "training-form");

        await page.GetByRole(AriaRole.Spinbutton, new() { Name = "Epochs" }).FillAsync("500");
        await page.GetByText("All options").ClickAsync();
        await page.GetByLabel("Image size (pixels)").FillAsync("32");
        await page.GetByLabel("Batch size").FillAsync("4");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start the run" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Run 1" })).ToBeVisibleAsync();
        await Expect(page.Locator("tbody tr").First).ToContainTextAsync("2");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await Expect(page.Locator(".page-head .state")).ToHaveTextAsync("‖ paused");
        await page.ReloadAsync();
        await Expect(page.Locator(".page-head .state")).ToHaveTextAsync("‖ paused");
        await page.GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();
        await Expect(page.Locator(".log")).ToContainTextAsync("Going on from epoch");
        await Look.CheckAsync(page, "training-run");

        await page.GetByRole(AriaRole.Button, new() { Name = "Stop, keep the best" }).ClickAsync();
        await Expect(page.Locator(".page-head .state")).ToHaveTextAsync("● done");
        await page.GetByRole(AriaRole.Link, new() { Name = "its card" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Training" })).ToBeVisibleAsync();
        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    // Blocks of noise of their own for every film, so that none is another's duplicate.
    static void WriteFilms(string folder)
    {
        for (var i = 0; i < 24; i++)
        {
            var random = new SplitMix64(i);
            var cells = Enumerable.Range(0, 64).Select(_ => random.NextDouble()).ToArray();
            var samples = Enumerable.Range(0, Side * Side).Select(p => (ushort)(255 * cells[(p / Side * 8 / Side * 8) + (p % Side * 8 / Side)])).ToArray();
            var place = Directory.CreateDirectory(Path.Combine(folder, i % 2 == 0 ? "COVID-19" : "Normal")).FullName;
            File.WriteAllBytes(Path.Combine(place, $"film{i}.png"), PngEncoder.Encode(new GreyImage(Side, Side, 8, samples)));
        }
    }
}

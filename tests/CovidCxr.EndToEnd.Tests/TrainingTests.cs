using System.IO.Compression;
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
    public async Task DataSet_ImportedCleanedAndDivided_TrainsANetwork()
    {
        Clinic.NeedBrowser();
        var page = await clinic.OpenAsync(Role.Admin);
        await ImportAsync(page);
        await CleanAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Divide by patient" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "Validation" })).ToBeVisibleAsync();
        await Expect(page.Locator("[data-kind=LeakingPatients]")).ToHaveCountAsync(0);
        await Look.CheckAsync(page, "data-set-divided");
        await page.GetByRole(AriaRole.Link, new() { Name = "All data sets" }).ClickAsync();
        await Expect(page.GetByText("Exact duplicates: 1 images left out")).ToBeVisibleAsync();
        await Look.CheckAsync(page, "data-sets");

        await OpenFormAsync(page);
        await TrainAsync(page);
        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    // A hostile archive first, which stays outside; then one with a duplicate, a contradiction and a broken file in it.
    static async Task ImportAsync(IPage page)
    {
        await page.GotoAsync("/data-sets");
        await page.GetByRole(AriaRole.Link, new() { Name = "Import images" }).ClickAsync();
        await Expect(page.Locator("form[data-ready]")).ToHaveCountAsync(1);
        await page.GetByLabel("Archive").SetInputFilesAsync(Archive(("../escaped.png", Film(5300))));
        await page.GetByRole(AriaRole.Button, new() { Name = "Upload" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("outside its own folder");
        await Look.CheckAsync(page, "data-set-upload");

        await page.GetByLabel("Archive").SetInputFilesAsync(Archive([.. Films()]));
        await page.GetByRole(AriaRole.Button, new() { Name = "Upload" }).ClickAsync();
        await Expect(page.GetByLabel("Patient in the file name (pattern)")).ToHaveValueAsync(@"^(\d{8})_\d{3}$");
        await page.GetByLabel("Patient in the file name (pattern)").FillAsync("(");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("no regular expression");
        await page.GetByLabel("Patient in the file name (pattern)").FillAsync(@"^(\d+)_");
        await Expect(page.GetByText("53 of them with a patient")).ToBeVisibleAsync();
        await page.GetByLabel("Call Normal").FillAsync("Other");
        await page.GetByLabel("Name of the data set").FillAsync("Drawn");
        await Look.CheckAsync(page, "data-set-columns");
        await page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await Expect(page.Locator(".page-head .state")).ToHaveTextAsync("● ready");
    }

    // Every remedy makes the next version.
    static async Task CleanAsync(IPage page)
    {
        await Expect(page.Locator("[data-kind=ConflictingLabels]")).ToContainTextAsync("2 images show the same picture under two classes");
        await page.Locator("[data-kind=ExactDuplicates]").GetByRole(AriaRole.Button, new() { Name = "Look at them" }).ClickAsync();
        await Expect(page.Locator("[data-kind=ExactDuplicates] img")).ToHaveCountAsync(2);
        await Look.CheckAsync(page, "data-set-findings");
        foreach (var kind in new[] { "Unreadable", "ConflictingLabels", "ExactDuplicates" })
        {
            await page.Locator($"[data-kind={kind}] .page-head button").ClickAsync();
            await Expect(page.Locator($"[data-kind={kind}]")).ToHaveCountAsync(0);
        }

        await page.GetByLabel("By image").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Divide by image" }).ClickAsync();
        await Expect(page.Locator("[data-kind=LeakingPatients]")).ToContainTextAsync("both sides");
        await page.GetByLabel("By image").UncheckAsync();
    }

    static async Task OpenFormAsync(IPage page)
    {
        await page.GotoAsync("/training");
        await page.GetByRole(AriaRole.Button, new() { Name = "New run" }).ClickAsync();
        await page.GetByText("All options").ClickAsync();
        await page.GetByLabel("Image size (pixels)").FillAsync("32");
        await page.GetByLabel("Batch size").FillAsync("4");
    }

    static async Task TrainAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Draw the schedule" }).ClickAsync();
        await Expect(page.Locator(".run-form canvas")).ToHaveCountAsync(2);
        await page.GetByLabel("Lowest rate (amin)").FillAsync("-1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start the run" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("schedule.minRate");
        await page.GetByLabel("Lowest rate (amin)").FillAsync("0.0001");
        await page.GetByLabel("Highest rate (amax)").FillAsync("0.01");
        await Look.CheckAsync(page, "training-form");

        await page.GetByRole(AriaRole.Spinbutton, new() { Name = "Epochs" }).FillAsync("500");
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
    }

    // 25 patients of two films each, whose films differ; film 0 a second time, film 2 under the other class too, and a text that calls itself a film.
    static IEnumerable<(string Name, byte[] Bytes)> Films()
    {
        for (var i = 0; i < 50; i++)
        {
            yield return ($"set/{(i / 2 % 2 == 0 ? "COVID-19" : "Normal")}/{i / 2:D8}_{i % 2:D3}.png", Film(5300 + i));
        }

        yield return ("set/COVID-19/00000000_009.png", Film(5300));
        yield return ("set/Normal/00000099_000.png", Film(5308));
        yield return ("set/Normal/00000098_000.png", "no film"u8.ToArray());
    }

    static FilePayload Archive(params (string Name, byte[] Bytes)[] files)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in files)
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write(bytes);
            }
        }

        return new()
        {
            Name = "films.zip",
            MimeType = "application/zip",
            Buffer = memory.ToArray(),
        };
    }

    // Blocks of noise of their own for every film, so that none is another's duplicate.
    static byte[] Film(int seed)
    {
        var random = new SplitMix64(seed);
        var cells = Enumerable.Range(0, 64).Select(_ => random.NextDouble()).ToArray();
        return PngEncoder.Encode(new GreyImage(Side, Side, 8, [.. Enumerable.Range(0, Side * Side).Select(p => (ushort)(255 * cells[(p / Side * 8 / Side * 8) + (p % Side * 8 / Side)]))]));
    }
}

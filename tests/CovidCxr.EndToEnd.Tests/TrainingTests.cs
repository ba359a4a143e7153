using System.Text.RegularExpressions;
using CovidCxr.Domain.Accounts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests;

/// <summary>An administrator retrains from the browser: images in, cleaned, divided, augmented, trained on, measured.</summary>
[Collection(nameof(Clinic))]
public sealed class TrainingTests(Clinic clinic)
{
    [Fact]
    public async Task DrawnFilms_FromAnArchive_TrainANetwork()
    {
        Clinic.NeedBrowser();
        var page = await clinic.OpenAsync(Role.Admin);
        await UploadAsync(page);
        await CleanAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Divide by patient" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "Validation" })).ToBeVisibleAsync();
        await Expect(page.Locator("[data-kind=LeakingPatients]")).ToHaveCountAsync(0);
        await Look.CheckAsync(page, "data-set-divided", "dark");
        await page.GetByRole(AriaRole.Link, new() { Name = "All data sets" }).ClickAsync();
        await Expect(page.Locator("tbody tr", new() { HasTextString = "Drawn" }).GetByText("Exact duplicates: 1 images left out"))
            .ToBeVisibleAsync();
        await Look.CheckAsync(page, "data-sets");
        if (DarkCovidNet.Root is null)
        {
            await OpenVersionAsync(page, "Divided by patient:");
            await RetrainAsync(page);
            await page.GotoAsync("/data-sets");
        }

        await OpenVersionAsync(page, "Divided by patient:");
        await CrossValidateAsync(page);
        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    [Fact]
    public async Task DarkCovidNet_FromAFolder_TrainsANetwork()
    {
        Clinic.NeedBrowser();
        Assert.SkipUnless(
            DarkCovidNet.Root is not null, "The development X-rays are not on this machine; the story is told on drawn films.");
        DarkCovidNet.CopySome(Path.Combine(clinic.Program.Folder.Root, "datasets", "darkcovidnet"));
        var page = await clinic.OpenAsync(Role.Admin);
        await page.GotoAsync("/data-sets/import");
        await page.GetByRole(AriaRole.Link, new() { Name = "darkcovidnet" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await Expect(page.Locator(".page-head .state")).ToHaveTextAsync("● ready");

        await Expect(page.Locator("[data-kind=ExactDuplicates]")).ToContainTextAsync("2 images have the very pixels of another image");
        await Expect(page.Locator("[data-kind=PatientInTwoClasses]")).ToContainTextAsync($"{DarkCovidNet.PatientsInTwoClasses} patients");
        await Expect(page.Locator("[data-kind=SizeTellsClass]")).ToContainTextAsync("class and source coincide");
        await page.Locator("[data-kind=ExactDuplicates]").GetByRole(AriaRole.Button, new() { Name = "Look at them" }).ClickAsync();
        await Expect(page.Locator("[data-kind=ExactDuplicates] img")).ToHaveCountAsync(2);
        await Look.CheckAsync(page, "data-set-real", "dark");
        await page.Locator("[data-kind=ExactDuplicates] .page-head button").ClickAsync();
        await Expect(page.Locator("[data-kind=ExactDuplicates]")).ToHaveCountAsync(0);
        await DivideByImageAsync(page);
        await page.Locator("[data-kind=LeakingPatients] .page-head button").ClickAsync();
        await Expect(page.GetByText("Divided anew, by patient")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-kind=LeakingPatients]")).ToHaveCountAsync(0);

        await RetrainAsync(page);
        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    [Theory]
    [InlineData(1600)]
    [InlineData(1000)]
    public async Task RunForm_FoldedAndOpen_FitsTheWindow(int width)
    {
        Clinic.NeedBrowser();
        var page = await clinic.OpenAsync(Role.Admin, width: width, height: 1400);
        await page.GotoAsync("/training");
        await page.GetByRole(AriaRole.Button, new() { Name = "New run" }).ClickAsync();
        await Expect(page.GetByLabel("Start from")).ToContainTextAsync("(active)");
        await Look.CheckAsync(page, "training-new", "dark");
        await page.GetByText("All options").ClickAsync();
        await Expect(page.GetByLabel("Chance of blur")).ToBeVisibleAsync();
        await Look.CheckAsync(page, "training-options", "dark");
        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    // A hostile archive first, which stays outside; then one with a duplicate, a contradiction and a broken file in it.
    static async Task UploadAsync(IPage page)
    {
        await page.GotoAsync("/data-sets");
        await page.GetByRole(AriaRole.Link, new() { Name = "Import images" }).ClickAsync();
        await Expect(page.Locator("form[data-ready]")).ToHaveCountAsync(1);
        await page.GetByLabel("Archive").SetInputFilesAsync(DrawnFilms.Archive(("../escaped.png", DrawnFilms.Film(5300))));
        await page.GetByRole(AriaRole.Button, new() { Name = "Upload" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("outside its own folder");
        await Look.CheckAsync(page, "data-set-upload", "dark");
        await page.GetByRole(AriaRole.Link, new() { Name = "Look which may be trained on" }).ClickAsync();
        // How many it says depends on the stories told before this one.
        await Expect(page.GetByText(new Regex(@"^Of \d+ studies \d+ may be trained on: "))).ToBeVisibleAsync();
        await Look.CheckAsync(page, "data-set-clinic");
        await page.GoBackAsync();
        await Expect(page.Locator("form[data-ready]")).ToHaveCountAsync(1);

        await page.GetByLabel("Archive").SetInputFilesAsync(DrawnFilms.Archive([.. DrawnFilms.All()]));
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

        await DivideByImageAsync(page);
        await page.GetByLabel("By image").UncheckAsync();
    }

    static async Task DivideByImageAsync(IPage page)
    {
        await page.GetByLabel("By image").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Divide by image" }).ClickAsync();
        await Expect(page.Locator("[data-kind=LeakingPatients]")).ToContainTextAsync("both sides");
    }

    static Task OpenVersionAsync(IPage page, string change) =>
        page.Locator("tbody tr", new() { HasTextString = "Drawn" }).Filter(new() { HasTextString = change }).GetByRole(AriaRole.Link)
            .ClickAsync();

    static async Task CrossValidateAsync(IPage page)
    {
        await page.GetByLabel("Folds, for a cross-validation").CheckAsync();
        await page.GetByRole(AriaRole.Spinbutton, new() { Name = "Folds" }).FillAsync("3");
        await page.GetByRole(AriaRole.Button, new() { Name = "Divide by patient" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "Fold 3" })).ToBeVisibleAsync();
        await Look.CheckAsync(page, "data-set-folds");

        await page.GotoAsync("/training");
        await page.GetByRole(AriaRole.Button, new() { Name = "New run" }).ClickAsync();
        await page.GetByText("All options").ClickAsync();
        await page.GetByLabel("Image size (pixels)").FillAsync("32");
        await page.GetByRole(AriaRole.Spinbutton, new() { Name = "Epochs", Exact = true }).FillAsync("1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start the run" }).ClickAsync();
        await Expect(page.Locator(".run-line")).ToContainTextAsync("fold 3 of 3");
        await Expect(page.Locator(".page-head .state")).ToHaveTextAsync("● done");
        var result = page.GetByRole(AriaRole.Region, new() { Name = "Cross-validation" });
        await Expect(result.GetByRole(AriaRole.Columnheader, new() { Name = "Pooled" })).ToBeVisibleAsync();
        await ShowPicturesAsync(result);
        await Look.CheckAsync(page, "training-cross-validation");
    }

    // Lazy pictures load when they are in sight; each must be a picture.
    static async Task ShowPicturesAsync(ILocator result)
    {
        var maps = result.GetByRole(AriaRole.Img, new() { NameRegex = new Regex("^Where the network looked") });
        await maps.First.ScrollIntoViewIfNeededAsync();
        await Expect(maps.First).ToHaveJSPropertyAsync("complete", true);
        Assert.True(await maps.First.EvaluateAsync<int>("i => i.naturalWidth") > 0, "The heat map is no picture.");
    }

    /// <param name="page">Of a version that is divided by patient.</param>
    static async Task RetrainAsync(IPage page)
    {
        await DiscardTwoAsync(page);
        await page.GotoAsync("/training");
        await page.GetByRole(AriaRole.Button, new() { Name = "New run" }).ClickAsync();
        await page.GetByText("All options").ClickAsync();
        await page.GetByLabel("Image size (pixels)").FillAsync("32");
        // The head alone, or a step would take a third of a second.
        await page.GetByLabel("Layers trained").SelectOptionAsync("HeadOnly");
        await FindRateAsync(page);
        await StartAsync(page);
        await PauseAndResumeAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop, keep the best" }).ClickAsync();
        await Expect(page.Locator(".page-head .state")).ToHaveTextAsync("● done");
        await ReadReportAsync(page);
    }

    static async Task DiscardTwoAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Augment" }).ClickAsync();
        await Expect(page.GetByText("Augmented: 2 of each training image")).ToBeVisibleAsync();
        await Expect(page.Locator(".page-head .state")).ToHaveTextAsync("● ready");
        await page.GetByRole(AriaRole.Link, new() { Name = "Light table" }).ClickAsync();
        await Expect(page.Locator(".light-table[data-ready]")).ToHaveCountAsync(1);
        var pictures = page.Locator("[data-child]");
        await pictures.First.FocusAsync();
        await page.Keyboard.PressAsync("d");
        await page.Keyboard.PressAsync("ArrowRight");
        await page.Keyboard.PressAsync("d");
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("d");
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("3 discarded");
        await page.Keyboard.PressAsync(" ");
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("2 discarded");
        await Expect(pictures.First).ToHaveAttributeAsync("aria-pressed", "true");
        await Look.CheckAsync(page, "light-table");
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep the others" }).ClickAsync();
        await Expect(page.GetByText("Light table: 2 augmented images discarded")).ToBeVisibleAsync();
    }

    static async Task FindRateAsync(IPage page)
    {
        var low = page.GetByLabel("Lowest rate (amin)");
        var high = page.GetByLabel("Highest rate (amax)");
        await page.GetByRole(AriaRole.Button, new() { Name = "Range test" }).ClickAsync();
        var test = page.GetByRole(AriaRole.Region, new() { Name = "Range test" });
        await Expect(test.GetByRole(AriaRole.Status)).ToContainTextAsync("The loss");
        var (amin, amax) = (await low.InputValueAsync(), await high.InputValueAsync());
        var canvas = test.Locator("canvas");
        var box = (await canvas.BoundingBoxAsync())!;
        await canvas.ClickAsync(new() { Position = new() { X = box.Width * 0.4f, Y = box.Height / 2 } });
        await Expect(low).Not.ToHaveValueAsync(amin);
        await canvas.ClickAsync(new() { Position = new() { X = box.Width * 0.6f, Y = box.Height / 2 } });
        await Expect(high).Not.ToHaveValueAsync(amax);
        await Look.CheckAsync(page, "training-range-test");
    }

    static async Task StartAsync(IPage page)
    {
        var low = page.GetByLabel("Lowest rate (amin)");
        await page.GetByRole(AriaRole.Button, new() { Name = "Draw the schedule" }).ClickAsync();
        await Expect(page.Locator(".run-form canvas")).ToHaveCountAsync(3);
        await low.FillAsync("-1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start the run" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The lowest rate must be a number above 0");
        // As people write a rate.
        await low.FillAsync("5e-5");
        await Look.CheckAsync(page, "training-form", "dark");

        await page.GetByRole(AriaRole.Spinbutton, new() { Name = "Epochs", Exact = true }).FillAsync("500");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start the run" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { NameRegex = new Regex(@"^Run \d+ ") })).ToBeVisibleAsync();
    }

    static async Task PauseAndResumeAsync(IPage page)
    {
        // What the chart says to those who do not see it: its lines' last values.
        var losses = page.GetByRole(AriaRole.Img, new() { NameRegex = new Regex("^Loss, ") });
        await Expect(page.Locator("tbody tr").First).ToContainTextAsync("1");
        var said = (await losses.GetAttributeAsync("aria-label"))!;
        await Expect(losses).Not.ToHaveAttributeAsync("aria-label", said);
        await Expect(page.Locator("tbody tr")).Not.ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await Expect(page.Locator(".page-head .state")).ToHaveTextAsync("‖ paused");
        await page.ReloadAsync();
        await Expect(page.Locator(".page-head .state")).ToHaveTextAsync("‖ paused");
        await page.GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();
        await Expect(page.Locator(".log")).ToContainTextAsync("Going on from epoch");
        await Look.CheckAsync(page, "training-run");
    }

    static async Task ReadReportAsync(IPage page)
    {
        var evaluation = page.GetByRole(AriaRole.Region, new() { Name = "Evaluation" });
        await Expect(evaluation).ToContainTextAsync("Confusion matrix");
        await ShowPicturesAsync(evaluation);
        await Look.CheckAsync(page, "training-report");
        foreach (var (link, file) in new[]
        {
            ("Report", "report.html"), ("configuration", "run.json"), ("checkpoint", "model.safetensors")
        })
        {
            var download = await page.RunAndWaitForDownloadAsync(
                () => evaluation.GetByRole(AriaRole.Link, new() { Name = link, Exact = true }).ClickAsync());
            Assert.Matches(@"^run-\d+-" + Regex.Escape(file) + "$", download.SuggestedFilename);
            Assert.True(new FileInfo(await download.PathAsync()).Length > 0, $"{file} is empty.");
        }

        await page.GetByRole(AriaRole.Link, new() { Name = "its card" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Training" })).ToBeVisibleAsync();
    }
}

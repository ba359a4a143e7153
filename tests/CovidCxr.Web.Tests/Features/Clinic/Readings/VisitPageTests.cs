using Bunit;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Storage.Files;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Clinic.Readings;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;

namespace CovidCxr.Web.Tests.Features.Clinic.Readings;

/// <summary>A study of several images on its page: how they hang, what came late, and adding and taking out.</summary>
public sealed class VisitPageTests : StudyPages
{
    static byte[] Film(int value) => PngEncoder.Encode(new GreyImage(3, 2, 8, [9, 8, 7, 6, 5, (ushort)value]));

    async Task<Guid> AddImageAsync(Guid study, ViewPosition view = ViewPosition.Lateral, bool isLate = false)
    {
        await using var db = WebClinic.Context(Services);
        var image = new StudyImage
        {
            StudyId = study,
            View = view,
            Laterality = "L",
            PixelHash = Guid.NewGuid().ToString("N"),
            Width = 3,
            Height = 2,
            BitsStored = 8,
            ImageKey = await Services.GetRequiredService<BlobStore>().SaveAsync(Film(1), Cancellation),
            ReceivedAt = Services.GetRequiredService<TimeProvider>().GetUtcNow(),
            IsLate = isLate,
        };
        db.StudyImages.Add(image);
        await db.SaveChangesAsync(Cancellation);
        Services.GetRequiredService<CovidCxr.Clinic.Readings.StudyChanges>().Publish(study);
        return image.Id;
    }

    static IEnumerable<string?> Captions(IRenderedComponent<StudyPage> page) =>
        page.FindAll(".viewer-caption").Select(c => c.TextContent.Trim());

    [Fact]
    public async Task Images_HangSideBySide_AndOneAfterTheOtherByKey()
    {
        var study = await WebClinic.AddStudyAsync(Services);
        await AddImageAsync(study, ViewPosition.AP);
        await AddImageAsync(study);
        var page = await OpenAsync(study);

        List<string> hung = [];
        for (var i = 0; i < 5; i++)
        {
            hung.Add(string.Join(" | ", Captions(page)));
            await PressAsync(page, "s");
        }

        Assert.Equal(
            [
                "P-1 · 2026-03-01 · PA | P-1 · 2026-03-01 · Lateral, side L", "P-1 · 2026-03-01 · PA", "P-1 · 2026-03-01 · AP, side L",
                "P-1 · 2026-03-01 · Lateral, side L", "P-1 · 2026-03-01 · PA | P-1 · 2026-03-01 · Lateral, side L",
            ],
            hung);
        Assert.Contains("is not scored beside it", page.Find(".study-visit").TextContent, StringComparison.Ordinal);
        var keys = page.FindAll("[data-key]").Select(e => e.GetAttribute("data-key")).ToList();
        Assert.Equal(keys.Count, keys.Distinct().Count());
        Assert.DoesNotContain("heatmap", page.Markup, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task StudyOfOneImage_HasNoStripAndNoKey()
    {
        var page = await OpenAsync(await WebClinic.AddStudyAsync(Services));

        Assert.Empty(page.FindAll(".study-strip, [data-key='s']"));
        Assert.Equal("P-1 · 2026-03-01 · PA", Assert.Single(Captions(page)));
    }

    [Fact]
    public async Task ImageAfterTheReading_IsSaidUntilTheReaderLetsTheReadingStand()
    {
        var study = await WebClinic.AddStudyAsync(Services);
        var page = await OpenAsync(study);
        foreach (var key in new[] { "1", "Shift+4", "Enter", "Enter" })
        {
            await PressAsync(page, key);
        }

        await StageAsync(page, "None");
        Assert.Empty(page.FindAll(".study-late"));

        await AddImageAsync(study, isLate: true);
        await page.WaitForAssertionAsync(() => Assert.Contains(
            "An image came after your reading", page.Find(".study-late").TextContent, StringComparison.Ordinal), Patience);
        Assert.NotEmpty((await OpenAsync(study, TestClinic.Lead)).FindAll(".study-late"));
        Assert.Empty((await OpenAsync(study, TestClinic.OtherReader)).FindAll(".study-late"));
        await page.Find("[data-let-stand]").ClickAsync(new());

        await page.WaitForAssertionAsync(() => Assert.Empty(page.FindAll(".study-late")), Patience);
        await using var db = WebClinic.Context(Services);
        var readings = await db.Readings.OrderBy(r => r.CreatedAt).ToListAsync(Cancellation);
        Assert.Equal(3, readings.Count);
        Assert.Equal(
            (readings[1].Id, readings[1].Opinion, readings[1].Confidence),
            (readings[2].SupersedesId, readings[2].Opinion, readings[2].Confidence));
    }

    async Task<IRenderedComponent<MudDialogProvider>> OpenDialogAsync(IRenderedComponent<StudyPage> page, string words)
    {
        var dialogs = Render<MudDialogProvider>();
        await page.FindAll(".study-visit button").Single(b => b.TextContent.StartsWith(words, StringComparison.Ordinal)).ClickAsync(new());
        await dialogs.WaitForAssertionAsync(() => Assert.NotEmpty(dialogs.FindAll(".mud-dialog")), Patience);
        return dialogs;
    }

    static Task ConfirmAsync(IRenderedComponent<MudDialogProvider> dialogs) =>
        dialogs.Find(".mud-dialog-actions .mud-button-filled").ClickAsync(new());

    [Fact]
    public async Task Add_AFile_HangsItBesideThePrincipalOne_AndAKnownOneIsSaid()
    {
        Render<MudPopoverProvider>();
        var study = await WebClinic.AddStudyAsync(Services);
        var page = await OpenAsync(study);
        var dialogs = await OpenDialogAsync(page, "Add an image");

        await ConfirmAsync(dialogs);
        Assert.Contains("Choose a file first.", dialogs.Markup, StringComparison.Ordinal);
        dialogs.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromBinary(TestClinic.Film(2), "lateral.png"));
        await ConfirmAsync(dialogs);

        await page.WaitForAssertionAsync(() => Assert.Equal(2, Captions(page).Count()), Patience);
        await using var db = WebClinic.Context(Services);
        Assert.Equal(study, (await db.StudyImages.SingleAsync(Cancellation)).StudyId);

        await page.FindAll(".study-visit button").Single(b => b.TextContent.StartsWith("Add", StringComparison.Ordinal)).ClickAsync(new());
        await dialogs.WaitForAssertionAsync(() => Assert.NotEmpty(dialogs.FindAll(".mud-dialog")), Patience);
        dialogs.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromBinary(TestClinic.Film(2), "again.png"));
        await ConfirmAsync(dialogs);
        await dialogs.WaitForAssertionAsync(() => Assert.Contains(
            "This image is here already.", dialogs.Markup, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public async Task TakeOut_ByTheLead_LeavesOneImage()
    {
        Render<MudPopoverProvider>();
        var study = await WebClinic.AddStudyAsync(Services);
        var image = await AddImageAsync(study);
        Assert.DoesNotContain(
            (await OpenAsync(study, TestClinic.OtherReader)).FindAll(".study-visit button"),
            b => b.TextContent.StartsWith("Take", StringComparison.Ordinal));
        var page = await OpenAsync(study, TestClinic.Lead);
        var dialogs = await OpenDialogAsync(page, "Take an image out");

        await dialogs.FindAll(".mud-input-control").Last(c => c.TextContent.StartsWith("Reason", StringComparison.Ordinal))
            .QuerySelector("input")!.ChangeAsync(new() { Value = "A repeat" });
        await ConfirmAsync(dialogs);

        await page.WaitForAssertionAsync(() => Assert.Empty(page.FindAll(".study-strip")), Patience);
        Assert.Contains("taken out as a study of its own", page.Find(".study-corrections").TextContent, StringComparison.Ordinal);
        await using var db = WebClinic.Context(Services);
        Assert.Equal(ViewPosition.Lateral, (await db.Studies.SingleAsync(s => s.Id == image, Cancellation)).View);
    }
}

using AngleSharp.Dom;
using Bunit;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Clinic.References;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Web.Tests.Features.Clinic.References;

/// <summary>A file whose days may be read in two ways, and one that is no table.</summary>
public sealed class ReferenceImportTests : ClinicPages
{
    public ReferenceImportTests() => JSInterop.Mode = JSRuntimeMode.Loose;

    [Fact]
    public async Task Days_ThatNothingDecides_AreAskedAbout_AndShownAsTheyWereRead()
    {
        var study = await WebClinic.AddStudyAsync(Services);
        var page = Draw<ReferenceImport>(TestClinic.Lead);

        Choose(page, InputFileContent.CreateFromText($"study_id;source;result;found_on\n{study};rt-pcr;positive;01/02/2026\n", "r.csv"));
        await page.WaitForAssertionAsync(
            () => Assert.Contains("Day first: 1 February 2026", page.Markup, StringComparison.Ordinal), Patience);
        Assert.Empty(page.FindAll(".report"));
        await page.FindAll("button").Single(b => b.TextContent.Trim() == "Month first: 2 January 2026").ClickAsync(new());

        await page.WaitForAssertionAsync(
            () => Assert.Contains("2026-01-02 from 01/02/2026", Words(page.Find(".report")), StringComparison.Ordinal), Patience);
        await using var db = WebClinic.Context(Services);
        Assert.Equal(0, await db.ReferenceFindings.CountAsync(Cancellation));
        await page.Find("p[role=status] button").ClickAsync(new());
        await page.WaitForAssertionAsync(() => Assert.Contains("Imported.", page.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal(new DateOnly(2026, 1, 2), (await db.ReferenceFindings.SingleAsync(Cancellation)).FoundOn);
    }

    [Fact]
    public async Task SpreadsheetsOwnFile_IsRefusedWithAWayOut()
    {
        var page = Draw<ReferenceImport>(TestClinic.Lead);

        Choose(page, InputFileContent.CreateFromBinary([0x50, 0x4B, 0x03, 0x04, 0x14, 0x00], "r.xlsx"));

        await page.WaitForAssertionAsync(
            () => Assert.Contains("Save as, and the type CSV", page.Find("[role=alert]").TextContent, StringComparison.Ordinal), Patience);
        Assert.Empty(page.FindAll(".report"));
    }

    static void Choose(IRenderedComponent<ReferenceImport> page, InputFileContent file) =>
        page.FindComponent<InputFile>().UploadFiles(file);

    static string Words(IElement element) =>
        string.Join(' ', element.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}

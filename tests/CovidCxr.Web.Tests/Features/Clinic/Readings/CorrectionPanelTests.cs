using AngleSharp.Dom;
using Bunit;
using CovidCxr.Clinic.Corrections;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;

namespace CovidCxr.Web.Tests.Features.Clinic.Readings;

/// <summary>What a study's page says of its changes, and the dialog that makes them.</summary>
public sealed class CorrectionPanelTests : StudyPages
{
    public CorrectionPanelTests() => JSInterop.Mode = JSRuntimeMode.Loose;

    IRenderedComponent<MudDialogProvider>? _dialogs;

    // One of each, as the layout has them.
    IRenderedComponent<MudDialogProvider> Dialogs()
    {
        if (_dialogs is null)
        {
            Render<MudPopoverProvider>();
        }

        return _dialogs ??= Render<MudDialogProvider>();
    }

    async Task<IRenderedComponent<MudDialogProvider>> ClickAsync(IRenderedComponent<IComponent> page, string words)
    {
        var dialogs = Dialogs();
        await page.FindAll(".study-corrections button").Single(b => b.TextContent.StartsWith(words, StringComparison.Ordinal))
            .ClickAsync(new());
        await dialogs.WaitForAssertionAsync(() => Assert.NotEmpty(dialogs.FindAll(".mud-dialog")), Patience);
        return dialogs;
    }

    static IElement Field(IRenderedComponent<IComponent> dialogs, string label) => dialogs.FindAll(".mud-input-control")
        .Last(c => c.TextContent.StartsWith(label, StringComparison.Ordinal)).QuerySelector("input")!;

    static Task SaveAsync(IRenderedComponent<IComponent> dialogs) =>
        dialogs.Find(".mud-dialog-actions .mud-button-filled").ClickAsync(new());

    [Fact]
    public async Task Buttons_AreForThoseWhoMayChangeIt()
    {
        var study = await WebClinic.AddStudyAsync(Services);

        var lead = await OpenAsync(study, TestClinic.Lead);
        var reader = await OpenAsync(study, TestClinic.OtherReader);

        Assert.Equal(
            ["Correct or move…", "Withdraw…"], lead.FindAll(".study-corrections button").Select(b => b.TextContent.Trim()));
        Assert.Empty(reader.FindAll(".study-corrections button"));
        Assert.Equal("patients/P-1", reader.Find(".study-patient a").GetAttribute("href"));
    }

    [Fact]
    public async Task Withdraw_WithAReason_SaysSoOnThePageOfWhoReadsItAndKeepsTheDraft()
    {
        var study = await WebClinic.AddStudyAsync(Services);
        var reader = await OpenAsync(study);
        await StageAsync(reader, "Blind");
        await PressAsync(reader, "2");
        var lead = await OpenAsync(study, TestClinic.Lead);
        var dialogs = await ClickAsync(lead, "Withdraw");

        await SaveAsync(dialogs);
        await dialogs.WaitForAssertionAsync(() => Assert.Contains("Say why", dialogs.Markup, StringComparison.Ordinal), Patience);
        await Field(dialogs, "Reason").ChangeAsync(new() { Value = "Another patient's film" });
        await SaveAsync(dialogs);

        await StageAsync(reader, "None");
        await reader.WaitForAssertionAsync(() => Assert.Contains(
            "lead on", reader.Find(".study-withdrawn").TextContent, StringComparison.Ordinal), Patience);
        Assert.Contains("Another patient's film.", reader.Find(".study-withdrawn").TextContent, StringComparison.Ordinal);
        Assert.NotNull(await Services.GetRequiredService<Drafts>().FindAsync(study, TestClinic.Reader, Cancellation));

        dialogs = await ClickAsync(lead, "Bring back");
        await Field(dialogs, "Reason").ChangeAsync(new() { Value = "It was the right one" });
        await SaveAsync(dialogs);
        await StageAsync(reader, "Blind");
        Assert.True(reader.Find("[data-key='2']").HasAttribute("checked"));
    }

    [Fact]
    public async Task Number_OfAFilmUploadedAgain_StandsInTheDialogAndMovesIt()
    {
        var study = await WebClinic.AddStudyAsync(Services);
        var dialogs = Dialogs();
        Go($"/studies/{study}?number=P-22");
        await OpenAsync(study, TestClinic.Lead);
        await dialogs.WaitForAssertionAsync(() => Assert.Equal(
            "P-22", Field(dialogs, "Patient number").GetAttribute("value")), Patience);

        await Field(dialogs, "Reason").ChangeAsync(new() { Value = "Mixed up at the order" });
        await SaveAsync(dialogs);

        await dialogs.WaitForAssertionAsync(() => Assert.Empty(dialogs.FindAll(".mud-dialog")), Patience);
        await using var db = WebClinic.Context(Services);
        Assert.Equal("P-22", (await db.Studies.SingleAsync(Cancellation)).PatientNumber);
        Assert.Equal("Mixed up at the order", (await db.StudyChanges.SingleAsync(Cancellation)).Reason);
    }

    [Fact]
    public async Task Save_OfAStalePage_SaysWhoWasFirst()
    {
        var study = await WebClinic.AddStudyAsync(Services);
        var lead = await OpenAsync(study, TestClinic.Lead);
        var dialogs = await ClickAsync(lead, "Correct");
        var now = (await Services.GetRequiredService<GetStudy>().RunAsync(study, isView: false, TestClinic.Lead, Cancellation))!;
        Assert.IsType<ChangeStudyResult.Changed>(await Services.GetRequiredService<ChangeStudy>().RunAsync(
            new(study, now.Particulars with { AgeYears = 44 }, "typed wrong", 0), TestClinic.Lead, Cancellation));

        await Field(dialogs, "Patient number").ChangeAsync(new() { Value = "P-9" });
        await Field(dialogs, "Reason").ChangeAsync(new() { Value = "typed wrong" });
        await SaveAsync(dialogs);

        await dialogs.WaitForAssertionAsync(() => Assert.Contains(
            "lead has changed this study meanwhile. Look at it again.", dialogs.Markup, StringComparison.Ordinal), Patience);
        await using var db = WebClinic.Context(Services);
        Assert.Equal(("P-1", 44), await db.Studies.SingleAsync(Cancellation) is var s ? (s.PatientNumber, s.AgeYears) : default);
    }

    [Theory]
    [InlineData("Birth date", "12.03.1950", "The birth date cannot be read")]
    [InlineData("Age", "450", "The age must be 0 to 130 years.")]
    public async Task Save_OfWhatCannotBeReadOrBe_IsRefusedAndErasesNothing(string label, string typed, string words)
    {
        var study = await WebClinic.AddStudyAsync(Services);
        await using (var filled = WebClinic.Context(Services))
        {
            await filled.Studies.ExecuteUpdateAsync(s => s.SetProperty(x => x.BirthDate, new DateOnly(1950, 3, 2)), Cancellation);
        }

        var dialogs = await ClickAsync(await OpenAsync(study, TestClinic.Lead), "Correct");
        await Field(dialogs, label).ChangeAsync(new() { Value = typed });
        await Field(dialogs, "Reason").ChangeAsync(new() { Value = "typed wrong" });
        await SaveAsync(dialogs);

        await dialogs.WaitForAssertionAsync(() => Assert.Contains(words, dialogs.Markup, StringComparison.Ordinal), Patience);
        await using var db = WebClinic.Context(Services);
        Assert.Equal(new DateOnly(1950, 3, 2), (await db.Studies.SingleAsync(Cancellation)).BirthDate);
    }

    async Task ChangeAsync(Guid study, Func<StudyParticulars, StudyParticulars> to)
    {
        var now = (await Services.GetRequiredService<GetStudy>().RunAsync(study, isView: false, TestClinic.Lead, Cancellation))!;
        Assert.IsType<ChangeStudyResult.Changed>(await Services.GetRequiredService<ChangeStudy>().RunAsync(
            new(study, to(now.Particulars), "Mixed up", 0), TestClinic.Lead, Cancellation));
    }

    [Fact]
    public async Task Withdraw_WhileAReadingIsCorrected_KeepsThePageAndSaysSo()
    {
        var study = await WebClinic.AddStudyAsync(Services);
        var page = await OpenAsync(study);
        foreach (var key in new[] { "1", "Shift+4", "Enter", "Enter", "e", "4" })
        {
            await PressAsync(page, key);
        }

        await ChangeAsync(study, p => p with { IsWithdrawn = true });

        await StageAsync(page, "None");
        Assert.Contains("your correction is not saved", page.Markup, StringComparison.Ordinal);
        Assert.True(page.Find("[data-key='4']").HasAttribute("checked"));
        Assert.NotEmpty(page.FindAll("a[data-key='n']"));
    }

    [Fact]
    public async Task Move_OfTheFilmBeside_TakesItAway()
    {
        var study = await WebClinic.AddStudyAsync(Services, day: 9);
        var earlier = await WebClinic.AddStudyAsync(Services, day: 4);
        var page = await OpenAsync(study);
        await PressAsync(page, "p");
        Assert.NotEmpty(page.FindAll("#viewer-earlier"));

        await ChangeAsync(earlier, p => p with { PatientNumber = "P-2" });

        await page.WaitForAssertionAsync(() => Assert.Empty(page.FindAll("#viewer-earlier")), Patience);
    }
}

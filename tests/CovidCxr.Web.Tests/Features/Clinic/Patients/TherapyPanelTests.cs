using Bunit;
using Bunit.TestDoubles;
using CovidCxr.Clinic.Patients;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Hospital;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Clinic.Patients;
using CovidCxr.Web.Shared.Security;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;

namespace CovidCxr.Web.Tests.Features.Clinic.Patients;

/// <summary>The notes of therapy on a patient's page, on the real use cases.</summary>
public sealed class TherapyPanelTests : ClinicPages
{
    const string Hidden = "Therapy notes are shown once you have read this patient's films.";

    readonly BunitAuthorizationContext _person;

    public TherapyPanelTests()
    {
        _person = AddAuthorization();
        Services.AddCovidCxrHospital(new ConfigurationBuilder().Build());
    }

    async Task<IRenderedComponent<PatientPage>> OpenAsync(Actor actor)
    {
        _person.SetAuthorized(actor.UserName);
        _person.SetPolicies(actor.Is(Role.DepartmentLead) ? [AccessPolicies.SetPolicy] : []);
        var page = Draw<PatientPage>(actor, p => p.Add(c => c.Number, "P-1"));
        await page.WaitForAssertionAsync(() => Assert.NotEmpty(page.Markup.Trim()), Patience);
        return page;
    }

    async Task WriteAsync(string text, Actor by) => Assert.Null(await Services.GetRequiredService<WriteTherapyNote>().RunAsync(
        new("P-1", new(2026, 3, 1), null, text), by, Cancellation));

    static Task TypeAsync(IRenderedComponent<IComponent> page, int field, string value) =>
        page.FindAll(".therapy form input:not([type=hidden])")[field].ChangeAsync(new() { Value = value });

    static string Said(IRenderedComponent<IComponent> page, string role) => page.Find($".therapy [role={role}]").TextContent.Trim();

    static Task AddAsync(IRenderedComponent<IComponent> page) => page.Find(".therapy form").SubmitAsync();

    [Fact]
    public async Task Lead_AddsANote_AndItStandsInTableAndChart()
    {
        // Nothing of a model: the chart is there for the notes alone.
        await WebClinic.AddStudyAsync(Services, status: Domain.Studies.StudyStatus.Withheld);
        var page = await OpenAsync(TestClinic.Lead);
        Assert.Contains("No therapy notes.", page.Markup, StringComparison.Ordinal);
        Assert.Empty(page.FindAll(".chart"));

        await TypeAsync(page, 0, "2026-03-01");
        await TypeAsync(page, 1, "2026-03-02");
        await TypeAsync(page, 2, "Prone position");
        await AddAsync(page);

        await page.WaitForAssertionAsync(() => Assert.Equal("The note is stored.", Said(page, "status")), Patience);
        Assert.Equal(
            ["2026-03-01", "2026-03-02", "Prone position"],
            page.FindAll(".therapy tbody td").Take(3).Select(c => c.TextContent.Trim()));
        Assert.StartsWith("lead, ", page.FindAll(".therapy tbody td")[3].TextContent.Trim(), StringComparison.Ordinal);
        Assert.Contains("Therapy notes 1", page.Find(".chart canvas").GetAttribute("aria-label")!, StringComparison.Ordinal);
        Assert.All(page.FindAll(".therapy form input"), i => Assert.True(string.IsNullOrEmpty(i.GetAttribute("value"))));
        Assert.Contains(
            JSInterop.Invocations, i => i.Identifier.Contains("focus", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Refusal_KeepsWhatWasTyped()
    {
        await WebClinic.AddStudyAsync(Services);
        var page = await OpenAsync(TestClinic.Lead);
        await TypeAsync(page, 2, "Prone position");

        await AddAsync(page);

        await page.WaitForAssertionAsync(
            () => Assert.StartsWith("Say the day", Said(page, "alert"), StringComparison.Ordinal), Patience);
        Assert.Equal("Prone position", page.FindAll(".therapy form input:not([type=hidden])")[2].GetAttribute("value"));

        await TypeAsync(page, 0, "2026-03-01");
        await TypeAsync(page, 1, "the end of March");
        await AddAsync(page);

        await page.WaitForAssertionAsync(
            () => Assert.StartsWith("One of the days cannot be read", Said(page, "alert"), StringComparison.Ordinal), Patience);
    }

    [Fact]
    public async Task Lead_StrikesANoteOut_AndItStaysAsSuch()
    {
        await WebClinic.AddStudyAsync(Services);
        await WriteAsync("Oxygen", TestClinic.Reader);
        var page = await OpenAsync(TestClinic.Lead);
        Render<MudPopoverProvider>();
        var dialogs = Render<MudDialogProvider>();
        await page.Find(".therapy tbody button").ClickAsync(new());
        await dialogs.WaitForAssertionAsync(() => Assert.NotEmpty(dialogs.FindAll(".mud-dialog")), Patience);

        await dialogs.Find(".mud-dialog-actions .mud-button-filled").ClickAsync(new());
        await dialogs.WaitForAssertionAsync(() => Assert.Contains("Say why", dialogs.Markup, StringComparison.Ordinal), Patience);
        await dialogs.Find(".mud-dialog input").ChangeAsync(new() { Value = "It was another patient's" });
        await dialogs.Find(".mud-dialog-actions .mud-button-filled").ClickAsync(new());

        await page.WaitForAssertionAsync(() => Assert.Equal("The note is struck out.", Said(page, "status")), Patience);
        Assert.Equal("Oxygen", page.Find(".therapy tbody s").TextContent);
        Assert.Contains("struck out by lead", page.Find(".therapy tbody").TextContent, StringComparison.Ordinal);
        Assert.Contains("It was another patient's", page.Find(".therapy tbody").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll(".therapy tbody button"));
        Assert.DoesNotContain("Therapy notes", page.Find(".chart canvas").GetAttribute("aria-label")!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BlindedReader_SeesTheSamePageWithNotesAndWithout_AndMayWrite()
    {
        await WebClinic.AddStudyAsync(Services);
        var before = PageOf(await OpenAsync(TestClinic.Reader));
        await WriteAsync("Secret therapy", TestClinic.Lead);

        var page = await OpenAsync(TestClinic.Reader);

        Assert.Contains(Hidden, page.Markup, StringComparison.Ordinal);
        Assert.Equal(before, PageOf(page));
        await TypeAsync(page, 0, "2026-03-01");
        await TypeAsync(page, 2, "Own note");
        await AddAsync(page);
        await page.WaitForAssertionAsync(() => Assert.Equal("The note is stored.", Said(page, "status")), Patience);
        Assert.Empty(page.FindAll(".therapy table, .chart"));
        Assert.All(["Secret", "Own note"], words => Assert.DoesNotContain(words, page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reader_WhoHasReadTheFilms_SeesTheNotesAndStrikesTheOwn()
    {
        await WebClinic.SetPolicyAsync(Services, ReadingPolicy.Concurrent);
        var study = await WebClinic.AddStudyAsync(Services);
        await WriteAsync("Of the lead", TestClinic.Lead);
        await WriteAsync("Own", TestClinic.Reader);
        await using (var db = WebClinic.Context(Services))
        {
            db.Readings.Add(new()
            {
                StudyId = study,
                ReaderId = TestClinic.Reader.UserId,
                Stage = ReadingStage.Concurrent,
                Confidence = 3,
                SubmissionId = Guid.NewGuid(),
            });
            await db.SaveChangesAsync(Cancellation);
        }

        var page = await OpenAsync(TestClinic.Reader);

        Assert.Equal(["Of the lead", "Own"], page.FindAll(".therapy tbody tr").Select(r => r.Children[2].TextContent.Trim()));
        Assert.Equal(
            ["Strike out: Own"], page.FindAll(".therapy tbody button").Select(b => b.GetAttribute("aria-label")));
    }

    // Elements get numbers of their own with each rendering.
    static string PageOf(IRenderedComponent<PatientPage> page) => string.Join(
        '\n', page.FindAll("*").Select(e => $"{e.LocalName} {e.ClassName} {e.GetAttribute("aria-label")} {e.GetAttribute("role")}"))
        + page.Find(".page").TextContent;
}

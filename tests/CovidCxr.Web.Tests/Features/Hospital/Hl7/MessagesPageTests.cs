using AngleSharp.Dom;
using Bunit;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Studies;
using CovidCxr.Hospital;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Hospital.Hl7;
using CovidCxr.Web.Shared.Security;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using MudBlazor;
using MudBlazor.Services;

namespace CovidCxr.Web.Tests.Features.Hospital.Hl7;

/// <summary>The page of messages about patients, with the real use cases on a real database.</summary>
public sealed class MessagesPageTests : ClinicPages
{
    Guid _study;

    public MessagesPageTests()
    {
        AddAuthorization().SetAuthorized(TestClinic.Lead.UserName).SetPolicies(AccessPolicies.AnswerMessages, AccessPolicies.ViewStudies);
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices();
        Services.AddCovidCxrHospital(new ConfigurationBuilder().Build());
    }

    protected override async Task FillAsync()
    {
        _study = await WebClinic.AddStudyAsync(Services);
        await using var db = WebClinic.Context(Services);
        var study = await db.Studies.SingleAsync(s => s.Id == _study, Cancellation);
        (study.PatientNumber, study.Sex) = ("P-1", Sex.Female);
        for (var n = 0; n < 30; n++)
        {
            db.ReceivedMessages.Add(new()
            {
                Id = TestClinic.Numbered(n),
                Application = "ADT1",
                Facility = "HOSP",
                Host = "10.0.3.7",
                ControlId = $"id{n}",
                Sha256 = "0",
                Event = n == 29 ? "A40" : "A08",
                Kind = n == 29 ? MessageKind.Merge : MessageKind.Update,
                Number = n == 29 ? "P-2" : null,
                FormerNumber = n == 29 ? "P-1" : null,
                Sex = n == 29 ? Sex.Male : Sex.Unknown,
                ReceivedAt = new(2026, 3, 2, 8, n, 0, TimeSpan.Zero),
                State = n == 29 ? MessageState.Question : MessageState.Unneeded,
                Reason = n == 29 ? "The sex is another than known." : "No film stands under the number.",
            });
        }

        await db.SaveChangesAsync(Cancellation);
    }

    async Task<IRenderedComponent<MessagesPage>> DrawAsync(Actor actor)
    {
        Render<MudPopoverProvider>();
        var page = Draw<MessagesPage>(actor);
        await page.WaitForAssertionAsync(() => Assert.Equal(25, Rows(page).Count()), Patience);
        return page;
    }

    static IEnumerable<IElement> Rows(IRenderedComponent<MessagesPage> page) =>
        page.FindAll("tbody tr").Where(r => r.QuerySelector("time") is not null);

    static IElement Button(IRenderedComponent<MessagesPage> page, string words) =>
        page.FindAll("button").Single(b => b.TextContent.Trim() == words);

    async Task<(MessageState State, string? Number)> StateAsync()
    {
        await using var db = WebClinic.Context(Services);
        return (
            await db.ReceivedMessages.Where(m => m.Id == TestClinic.Numbered(29)).Select(m => m.State).SingleAsync(Cancellation),
            await db.Studies.Where(s => s.Id == _study).Select(s => s.PatientNumber).SingleAsync(Cancellation));
    }

    [Fact]
    public async Task Page_WithThirtyMessages_ShowsTheNewestFirstAndTheReceiver()
    {
        var page = await DrawAsync(TestClinic.Lead);

        var first = Rows(page).First();
        Assert.Contains("id29", first.TextContent, StringComparison.Ordinal);
        Assert.Equal(["patients/P-1", "patients/P-2"], first.QuerySelectorAll("a").Select(a => a.GetAttribute("href")));
        Assert.Contains("The sex is another than known.", first.TextContent, StringComparison.Ordinal);
        Assert.Contains("switched off", page.Find("[data-test=receiver]").TextContent, StringComparison.Ordinal);
        Assert.Equal("29 ● nothing to change · 1 ⚠ question", page.Find("[data-test=counts]").TextContent.Trim());
        Assert.Contains("1-25 of 30", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_AsksOnceMoreAndMovesTheFilm()
    {
        var page = await DrawAsync(TestClinic.Lead);

        await Button(page, "Apply…").ClickAsync(new());
        Assert.Equal((MessageState.Question, "P-1"), await StateAsync());
        await Button(page, "Apply it").ClickAsync(new());

        await page.WaitForAssertionAsync(() => Assert.Contains("It was applied.", page.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal((MessageState.Applied, "P-2"), await StateAsync());
        await using var db = WebClinic.Context(Services);
        Assert.Equal(
            "lead", (await db.Audit.SingleAsync(a => a.Action == AuditAction.ReceivedMessage, Cancellation)).UserName);
        Assert.Equal("by message: id29, applied by lead", (await db.StudyChanges.SingleAsync(Cancellation)).Reason);
    }

    [Fact]
    public async Task Refuse_ByAnAdministrator_ChangesNothing()
    {
        var page = await DrawAsync(TestClinic.Admin);

        await Button(page, "Refuse").ClickAsync(new());

        await page.WaitForAssertionAsync(() => Assert.Contains("It was refused", page.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal((MessageState.Dismissed, "P-1"), await StateAsync());
        Assert.DoesNotContain(page.FindAll("button"), b => b.TextContent.Trim() == "Apply…");
    }

    [Fact]
    public async Task Answer_OnAPageThatIsStale_SaysThatSomebodyElseAnswered()
    {
        var page = await DrawAsync(TestClinic.Lead);
        await using (var db = WebClinic.Context(Services))
        {
            await db.ReceivedMessages.Where(m => m.Id == TestClinic.Numbered(29))
                .ExecuteUpdateAsync(s => s.SetProperty(m => m.State, MessageState.Dismissed), Cancellation);
        }

        await Button(page, "Refuse").ClickAsync(new());

        await page.WaitForAssertionAsync(
            () => Assert.Contains("somebody else may have answered", page.Markup, StringComparison.Ordinal), Patience);
    }
}

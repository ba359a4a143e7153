using Bunit;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Clinic.Readings;
using CovidCxr.Web.Shared.Security;
using CovidCxr.Web.Tests.Shared;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Web.Tests.Features.Clinic.Readings;

/// <summary>The study page with the real use cases on a real database.</summary>
public sealed class StudyPageTests : StudyPages
{
    // What only the model knows: none of it may be on the page before the lock.
    static readonly string[] Secrets = [
        "0.88", "0.12", "0.43", "8765", "Unremarkable", "secret-model", "secret-device", "77 ms", "heatmap",
        "the gate has", "blacked out", "0198f000-0000-7000-8000-0000000000cc"];

    // Of the version of these tests.
    const string NotJudged =
        "The gate has not judged this version, and how many of its positive calls stay with the lungs blacked out is not known.";

    [Fact]
    public async Task BlindedFirst_BeforeTheLock_KnowsNothingOfTheModel()
    {
        var page = await OpenAsync(await WebClinic.AddStudyAsync(Services));

        await StageAsync(page, "Blind");

        Secrecy.AssertKeeps(Secrets, page.Markup);
        Assert.DoesNotContain(Viewer.Invocations, i => i.Identifier is "loadHeat");
        Assert.Contains("Hidden until your own reading is locked.", page.Markup, StringComparison.Ordinal);
        Assert.All(page.FindAll("[data-key='y'], [data-key='d']"), e => Assert.True(e.Closest("fieldset")!.HasAttribute("disabled")));
    }

    [Fact]
    public async Task PrintedReading_KnowsTheModelOnceItIsRevealed_AndHasWhatWasRead()
    {
        var study = await WebClinic.AddStudyAsync(Services);
        async Task<string> SheetAsync()
        {
            var sheet = Draw<ReadingSheetPage>(TestClinic.Reader, p => p.Add(c => c.Id, study));
            await sheet.WaitForAssertionAsync(() => Assert.NotEmpty(sheet.FindAll("h2")), Patience);
            return sheet.Find("header").TextContent + string.Concat(sheet.FindAll("section").Select(e => e.TextContent));
        }

        var blind = await SheetAsync();
        Secrecy.AssertKeeps(Secrets, blind);
        Assert.Contains("hidden until the own reading is locked", blind, StringComparison.Ordinal);

        var page = await OpenAsync(study);
        Assert.DoesNotContain("/print", page.Markup, StringComparison.Ordinal);
        await PressAsync(page, "1");
        await PressAsync(page, "Shift+3");
        await PressAsync(page, "Enter");
        await StageAsync(page, "Final");
        await PressAsync(page, "Enter");
        await StageAsync(page, "None");

        Assert.NotNull(page.Find($"a[href='studies/{study}/print']"));
        var read = await SheetAsync();
        Assert.All(
            ["reader", "COVID-19", "3 of 5", "agrees", "0.88", "secret-model", "Decision support, not a diagnosis", NotJudged],
            s => Assert.Contains(s, read, StringComparison.Ordinal));
    }

    [Fact]
    public async Task FourKeys_AreAWholeReading()
    {
        var study = await WebClinic.AddStudyAsync(Services);
        var page = await OpenAsync(study);

        await PressAsync(page, "1");
        await PressAsync(page, "Shift+3");
        await PressAsync(page, "Enter");
        await StageAsync(page, "Final");
        Assert.Contains("0.88", page.Find(".study-result").TextContent, StringComparison.Ordinal);
        Assert.Contains(NotJudged, page.Find(".study-warning").TextContent, StringComparison.Ordinal);
        Assert.Equal(
            ["studies/" + study + "/heatmap/1", "COVID-19", true],
            Assert.Single(Viewer.Invocations, i => i.Identifier == "loadHeat").Arguments);
        await PressAsync(page, "Enter");
        await StageAsync(page, "None");

        await using var db = WebClinic.Context(Services);
        var readings = await db.Readings.OrderBy(r => r.CreatedAt).ToListAsync(Cancellation);
        Assert.Equal([(ReadingStage.Blind, Opinion.Covid19, 3, null), (ReadingStage.Final, Opinion.Covid19, 3, true)], readings.Select(r =>
            (r.Stage, r.Opinion, r.Confidence, r.AgreesWithPrediction)));
        Assert.Null(readings[0].PredictionId);
        Assert.NotNull(readings[1].PredictionId);
        Assert.Equal(1, (await db.Studies.SingleAsync(Cancellation)).ReadCount);
    }

    [Fact]
    public async Task EveryAnswer_IsStoredAsGiven()
    {
        var page = await OpenAsync(await WebClinic.AddStudyAsync(Services));

        await PressAsync(page, "2");
        await PressAsync(page, "Shift+5");
        await page.Find("textarea").ChangeAsync(new() { Value = "Left base." });
        await PressAsync(page, "Enter");
        await StageAsync(page, "Final");
        await PressAsync(page, "4");
        await PressAsync(page, "Shift+2");
        await PressAsync(page, "d");
        await PressAsync(page, "v");
        await PressAsync(page, "Enter");
        await StageAsync(page, "None");

        await using var db = WebClinic.Context(Services);
        var readings = await db.Readings.OrderBy(r => r.CreatedAt).ToListAsync(Cancellation);
        Assert.Equal((Opinion.OtherPneumonia, 5, "Left base."), (readings[0].Opinion, readings[0].Confidence, readings[0].Note));
        Assert.Equal(
            (Opinion.Normal, 2, false, false),
            (readings[1].Opinion, readings[1].Confidence, readings[1].AgreesWithPrediction, readings[1].HeatMapUseful));
    }

    [Fact]
    public async Task Enter_WithoutAnOpinionOrAVerdict_SaysWhatIsMissingAndStoresNothing()
    {
        var page = await OpenAsync(await WebClinic.AddStudyAsync(Services));

        await PressAsync(page, "Enter");
        Assert.Equal("Choose an opinion first: keys 1 to 5.", page.Find(".study-form .study-said").TextContent);
        Assert.Equal("1 2 3 4 5", page.Find("[data-key-panel]").GetAttribute("data-key-only"));
        await PressAsync(page, "5");
        await PressAsync(page, "Enter");
        Assert.Equal("How sure are you? Keys Shift+1 to Shift+5.", page.Find(".study-form .study-said").TextContent);
        await PressAsync(page, "Shift+3");
        Assert.Null(page.Find("[data-key-panel]").GetAttribute("data-key-only"));
        await PressAsync(page, "Enter");
        await StageAsync(page, "Final");
        await PressAsync(page, "Enter");

        Assert.Equal("y d", page.Find("[data-key-panel]").GetAttribute("data-key-only"));
        Assert.Equal("Do you agree with the model? Keys y and d.", page.Find(".study-model .study-said").TextContent);
        await using var db = WebClinic.Context(Services);
        Assert.Equal(ReadingStage.Blind, (await db.Readings.SingleAsync(Cancellation)).Stage);
    }

    [Fact]
    public async Task Correction_IsANewRow_AndTheOldOneStays()
    {
        var page = await OpenAsync(await WebClinic.AddStudyAsync(Services));
        foreach (var key in new[] { "1", "Shift+4", "Enter", "Enter", "e", "4", "Enter" })
        {
            await PressAsync(page, key);
        }

        await StageAsync(page, "None");

        await using var db = WebClinic.Context(Services);
        var readings = await db.Readings.OrderBy(r => r.CreatedAt).ToListAsync(Cancellation);
        Assert.Equal([Opinion.Covid19, Opinion.Covid19, Opinion.Normal], readings.Select(r => r.Opinion));
        Assert.Equal(readings[1].Id, readings[2].SupersedesId);
        Assert.Single(page.FindAll(".study-readings li.superseded"));
        Assert.Equal(1, (await db.Studies.SingleAsync(Cancellation)).ReadCount);
    }

    [Fact]
    public async Task Concurrent_ShowsTheModelAtOnce_AndTakesOneReading()
    {
        await WebClinic.SetPolicyAsync(Services, ReadingPolicy.Concurrent);
        var page = await OpenAsync(await WebClinic.AddStudyAsync(Services));
        await StageAsync(page, "Concurrent");

        Assert.Contains("0.88", page.Markup, StringComparison.Ordinal);
        foreach (var key in new[] { "1", "Shift+4", "Enter" })
        {
            await PressAsync(page, key);
        }

        await StageAsync(page, "None");
    }

    [Theory]
    [InlineData(StudyStatus.Withheld, "a lateral view", "Withheld: a lateral view.")]
    [InlineData(StudyStatus.Failed, "the analysis failed several times.", "No result: the analysis failed several times.")]
    public async Task Unanswered_IsReadWithoutTheModel(StudyStatus status, string reason, string words)
    {
        var page = await OpenAsync(await WebClinic.AddStudyAsync(Services, status: status, reason: reason));

        await PressAsync(page, "5");
        await PressAsync(page, "Shift+3");
        await PressAsync(page, "Enter");
        await StageAsync(page, "Final");
        Assert.Contains(words, page.Find(".study-state").TextContent, StringComparison.Ordinal);
        await PressAsync(page, "Enter");

        await StageAsync(page, "None");
        await using var db = WebClinic.Context(Services);
        Assert.All(await db.Readings.ToListAsync(Cancellation), r => Assert.Null(r.AgreesWithPrediction));
    }

    [Fact]
    public async Task Result_ArrivingLater_ShowsItselfWithoutReload()
    {
        var study = await WebClinic.AddStudyAsync(Services, status: StudyStatus.Queued);
        var page = await OpenAsync(study);
        await PressAsync(page, "1");
        await PressAsync(page, "Shift+3");
        await PressAsync(page, "Enter");
        await StageAsync(page, "Final");
        Assert.StartsWith("Queued", page.Find(".study-state").TextContent.Trim(), StringComparison.Ordinal);

        await WebClinic.ChangeStatusAsync(Services, study, StudyStatus.Analysing);
        await page.WaitForAssertionAsync(
            () => Assert.StartsWith("Analysing", page.Find(".study-state").TextContent.Trim(), StringComparison.Ordinal), Patience);
        await WebClinic.ChangeStatusAsync(Services, study, StudyStatus.Ready);

        await page.WaitForAssertionAsync(
            () => Assert.Contains("0.88", page.Find(".study-result").TextContent, StringComparison.Ordinal), Patience);
        Assert.Contains(Viewer.Invocations, i => i.Identifier == "loadHeat");
    }

    [Fact]
    public async Task Result_ArrivingBeforeTheLock_StaysHidden()
    {
        var study = await WebClinic.AddStudyAsync(Services, status: StudyStatus.Queued);
        var page = await OpenAsync(study);
        var before = page.RenderCount;

        await WebClinic.ChangeStatusAsync(Services, study, StudyStatus.Ready);
        await page.WaitForStateAsync(() => page.RenderCount > before, Patience);

        Secrecy.AssertKeeps(Secrets, page.Markup);
    }

    [Fact]
    public async Task OtherReader_AfterTheFirstLocked_IsStillBlind()
    {
        var study = await WebClinic.AddStudyAsync(Services);
        var first = await OpenAsync(study);
        await PressAsync(first, "1");
        await PressAsync(first, "Shift+3");
        await PressAsync(first, "Enter");
        await StageAsync(first, "Final");

        var second = await OpenAsync(study, TestClinic.OtherReader);

        await StageAsync(second, "Blind");
        Secrecy.AssertKeeps(Secrets, second.Markup);
        Assert.Empty(second.FindAll(".study-readings"));
    }

    [Fact]
    public async Task Lead_SeesModelAndEveryReading_AndHasNoForm()
    {
        var study = await WebClinic.AddStudyAsync(Services);
        var reader = await OpenAsync(study);
        await PressAsync(reader, "1");
        await PressAsync(reader, "Shift+3");
        await PressAsync(reader, "Enter");
        await StageAsync(reader, "Final");

        var page = await OpenAsync(study, TestClinic.Lead);

        Assert.Contains("0.88", page.Find(".study-result").TextContent, StringComparison.Ordinal);
        Assert.Contains("reader", page.Find(".study-readings li").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("textarea, input[name=opinion], input[name=agrees], [data-key=Enter], [data-key=e]"));
    }

    [Fact]
    public void Page_AdmitsReadersAndTheLeadAlone()
    {
        var attribute = Assert.Single(
            typeof(StudyPage).GetCustomAttributes(typeof(AuthorizeAttribute), inherit: true).Cast<AuthorizeAttribute>());
        var options = new AuthorizationOptions();
        AccessPolicies.Configure(options);

        var roles = Assert.Single(options.GetPolicy(attribute.Policy!)!.Requirements.OfType<RolesAuthorizationRequirement>()).AllowedRoles;
        Assert.Equal([Role.DepartmentLead, Role.Radiologist], roles.Order());
    }

    [Fact]
    public async Task Earlier_Chosen_StandsBesideAndIsLinked()
    {
        var study = await WebClinic.AddStudyAsync(Services, day: 9);
        var earlier = await WebClinic.AddStudyAsync(Services, day: 4);
        await WebClinic.AddStudyAsync(Services, patient: "P-2", day: 5);
        var page = await OpenAsync(study);
        Assert.Equal("2026-03-04", Assert.Single(page.FindAll(".study-earlier button")).TextContent);

        await PressAsync(page, "p");

        Assert.Equal($"studies/{earlier}", page.Find(".study-earlier a").GetAttribute("href"));
        Assert.NotNull(page.Find("#viewer-earlier"));
        await page.WaitForAssertionAsync(
            () => Assert.Contains(Viewer.Invocations, i => i.Identifier == "link" && i.Arguments[0] is true), Patience);
        await PressAsync(page, "p");
        Assert.Empty(page.FindAll("#viewer-earlier"));
    }

    [Fact]
    public async Task Next_IsOfferedOnlyWhenNoFormIsOpen_AndIsUnread()
    {
        var study = await WebClinic.AddStudyAsync(Services, day: 9);
        var next = await WebClinic.AddStudyAsync(Services, patient: "P-2", day: 5);
        var page = await OpenAsync(study);
        Assert.Empty(page.FindAll("a[data-key='n']"));
        // Who goes on without saving is told, and what is typed then is not this film's.
        await PressAsync(page, "n");
        Assert.Equal("Enter Escape", page.Find("[data-key-panel]").GetAttribute("data-key-only"));
        Assert.StartsWith("This film is not saved yet", page.Find(".study-form .study-said").TextContent, StringComparison.Ordinal);
        await PressAsync(page, "Escape");
        Assert.Null(page.Find("[data-key-panel]").GetAttribute("data-key-only"));

        foreach (var key in new[] { "1", "Shift+4", "Enter", "Enter" })
        {
            await PressAsync(page, key);
        }

        await StageAsync(page, "None");
        Assert.Equal($"studies/{next}", page.Find("a[data-key='n']").GetAttribute("href"));
        page.Render(p => p.Add(c => c.Id, next));
        await StageAsync(page, "Blind");
        Assert.Empty(page.FindAll("input[name=opinion][checked]"));
    }

    [Fact]
    public async Task Opening_IsAuditedOnce_RefreshingIsNot()
    {
        var study = await WebClinic.AddStudyAsync(Services, status: StudyStatus.Queued);
        var page = await OpenAsync(study);
        await WebClinic.ChangeStatusAsync(Services, study, StudyStatus.Ready);
        await PressAsync(page, "1");
        await PressAsync(page, "Shift+3");
        await PressAsync(page, "Enter");
        await StageAsync(page, "Final");

        await using var db = WebClinic.Context(Services);
        Assert.Equal(
            [AuditAction.StudyView, AuditAction.ReadingRecord],
            await db.Audit.Where(a => a.StudyId == study && a.UserId == TestClinic.Reader.UserId).Select(a => a.Action)
                .ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Prerendering_OpensNothing()
    {
        SetRendererInfo(new("Static", isInteractive: false));
        var study = await WebClinic.AddStudyAsync(Services);
        var page = Draw<StudyPage>(TestClinic.Reader, p => p.Add(c => c.Id, study));

        Assert.Empty(page.FindAll(".study"));
        await using var db = WebClinic.Context(Services);
        Assert.Empty(await db.Audit.ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Missing_Study_IsSaid()
    {
        var page = await OpenAsync(Guid.NewGuid());

        Assert.Contains("There is no such study.", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disposed_Page_IgnoresChanges()
    {
        var study = await WebClinic.AddStudyAsync(Services, status: StudyStatus.Queued);
        var page = await OpenAsync(study);
        var before = page.RenderCount;

        page.Instance.Dispose();
        await WebClinic.ChangeStatusAsync(Services, study, StudyStatus.Ready);

        Assert.Equal(before, page.RenderCount);
    }
}

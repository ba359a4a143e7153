using Bunit;
using Bunit.TestDoubles;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Readings;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Clinic.Shadow;
using CovidCxr.Web.Shared.Security;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Web.Tests.Features.Clinic.Shadow;

/// <summary>A version in the shadow beside the active one, with the real use cases on a real database.</summary>
public sealed class ShadowPageTests : ClinicPages
{
    readonly ModelVersion _active = ReferencedFilms.Version(1, isActive: true), _candidate = ReferencedFilms.Version(2);
    readonly BunitAuthorizationContext _person;

    public ShadowPageTests() => _person = AddAuthorization();

    protected override async Task FillAsync()
    {
        await using var db = WebClinic.Context(Services);
        await db.ModelVersions.ExecuteDeleteAsync(Cancellation);
        db.ModelVersions.AddRange(_active, _candidate);
        await db.SaveChangesAsync(Cancellation);
    }

    async Task OpenShadowAsync()
    {
        await using var db = WebClinic.Context(Services);
        var period = new ShadowPeriod
        {
            ModelVersionId = _candidate.Id,
            IsOpen = true,
            From = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero),
            Reason = "To see.",
            StartedByName = "admin",
        };
        db.ShadowPeriods.Add(period);
        var ill = await ReferencedFilms.AddAsync(db, _active.Id, isIll: true, ReferencedFilms.Even(40, 0.4, 0.9));
        var others = await ReferencedFilms.AddAsync(db, _active.Id, isIll: false, ReferencedFilms.Even(40, 0.1, 0.6));
        foreach (var (i, study) in ill.Concat(others).Index())
        {
            db.ShadowPredictions.Add(
                new() { PeriodId = period.Id, StudyId = study, Score = i < 40 ? 0.9 : 0.1, Threshold = 0.5 });
            db.Readings.Add(new()
            {
                StudyId = study,
                ReaderId = TestClinic.Reader.UserId,
                Stage = ReadingStage.Blind,
                Confidence = 3,
                SubmissionId = Guid.NewGuid(),
            });
        }

        await db.SaveChangesAsync(Cancellation);
    }

    [Fact]
    public async Task Page_OfAnOpenShadow_ShowsTheVerdictAndThePairedFigures()
    {
        await OpenShadowAsync();

        var page = Open(TestClinic.Lead);

        Assert.Contains("In the shadow: m, version 2", page.Find(".mud-alert").TextContent, StringComparison.Ordinal);
        Assert.Contains("Better: version 2", page.FindAll(".mud-alert")[1].TextContent, StringComparison.Ordinal);
        Assert.Equal(
            ["✓ better", "✓ better", "✓ better"], page.FindAll("section tbody td.state").Select(c => c.TextContent));
        Assert.Matches(@"of version\s+2: 0\.500\.", page.Find("section").TextContent);
        Assert.Contains("◐ now", page.Markup, StringComparison.Ordinal);
        // The lead looks on.
        Assert.Empty(page.FindAll("form"));
    }

    [Fact]
    public async Task End_WithAReason_EndsItAndKeepsWhatItSaid()
    {
        await OpenShadowAsync();
        var page = Open(TestClinic.Admin);

        await page.Find("form input").ChangeAsync(new() { Value = "Seen enough." });
        await page.Find("form").SubmitAsync();

        page.WaitForAssertion(
            () => Assert.Contains("No version is in the shadow", page.Markup, StringComparison.Ordinal), Patience);
        Assert.Contains("Seen enough.", page.Markup, StringComparison.Ordinal);
        Assert.Contains("Better: version 2", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_OfAVersionWhoseFileIsGone_SaysSoAndStartsNothing()
    {
        var page = Open(TestClinic.Admin);
        Assert.Equal(["2: m"], page.FindAll("form option").Select(o => o.TextContent));

        await page.Find("form input").ChangeAsync(new() { Value = "To see." });
        await page.Find("form").SubmitAsync();

        page.WaitForAssertion(() => Assert.NotEmpty(page.Find("[role=alert]").TextContent), Patience);
        await using var db = WebClinic.Context(Services);
        Assert.Empty(db.ShadowPeriods);
    }

    IRenderedComponent<ShadowPage> Open(Actor actor)
    {
        _person.SetAuthorized(actor.UserName);
        _person.SetPolicies(actor.Is(Role.Admin) ? [AccessPolicies.Administer] : []);
        var page = Draw<ShadowPage>(actor);
        page.WaitForAssertion(() => Assert.DoesNotContain("Loading", page.Markup, StringComparison.Ordinal), Patience);
        return page;
    }
}

using Bunit;
using CovidCxr.Domain.Models;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Clinic.Acceptance;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Web.Tests.Features.Clinic.Acceptance;

/// <summary>A version on the department's own films, with the real use cases on a real database.</summary>
public sealed class AcceptancePageTests : ClinicPages
{
    readonly ModelVersion _version = ReferencedFilms.Version(1, isActive: true);

    public AcceptancePageTests() => AddAuthorization().SetAuthorized(TestClinic.Lead.UserName);

    protected override async Task FillAsync()
    {
        await using var db = WebClinic.Context(Services);
        await db.ModelVersions.ExecuteDeleteAsync(Cancellation);
        db.ModelVersions.Add(_version);
        await db.SaveChangesAsync(Cancellation);
        await db.Users.ExecuteUpdateAsync(u => u.SetProperty(a => a.PasswordHash, "a hash"), Cancellation);
        await ReferencedFilms.AddAsync(db, _version.Id, isIll: true, ReferencedFilms.Even(60, 0.3, 0.9));
        await ReferencedFilms.AddAsync(db, _version.Id, isIll: false, ReferencedFilms.Even(110, 0.01, 0.5));
    }

    [Fact]
    public void Page_SaysNotAccepted_HowManyThereAreAndTheFiguresAtBothThresholds()
    {
        var page = Open();

        Assert.Contains("Not accepted here", page.Find(".mud-alert").TextContent, StringComparison.Ordinal);
        Assert.Equal(
            ["60", "60", "35"], page.FindAll("tbody")[0].QuerySelectorAll("tr")[0].QuerySelectorAll("td.num").Select(c => c.TextContent));
        Assert.Equal("✓ enough", page.Find("tbody td.state").TextContent);
        var figures = page.FindAll("tbody")[1].QuerySelectorAll("tr");
        Assert.Equal("0.500", figures[0].QuerySelector("td.num")!.TextContent);
        Assert.StartsWith("0.90", figures[1].QuerySelectorAll("td.num")[1].TextContent.Trim(), StringComparison.Ordinal);
        Assert.Equal(3, figures.Length);
        Assert.NotNull(page.Find("form[aria-label=Accept] input[type=password]"));
    }

    [Fact]
    public async Task Accept_WithoutAReason_SaysSoAndAcceptsNothing()
    {
        var page = Open();

        await page.Find("form[aria-label=Accept]").SubmitAsync();

        page.WaitForAssertion(
            () => Assert.Contains("Say why", page.Find("[role=alert]:not([hidden])").TextContent, StringComparison.Ordinal), Patience);
        await using var db = WebClinic.Context(Services);
        Assert.Empty(db.LocalAcceptances);
    }

    [Fact]
    public async Task Measure_OfANarrowerInterval_AsksForMorePatientsAndOffersNoAcceptance()
    {
        var page = Open();

        await page.FindAll("form[aria-label^=What] input")[1].ChangeAsync(new() { Value = "0.1" });
        await page.Find("form[aria-label^=What]").SubmitAsync();

        page.WaitForAssertion(() => Assert.Equal("? 79 more", page.Find("tbody td.state").TextContent), Patience);
        Assert.Empty(page.FindAll("form[aria-label=Accept]"));
        Assert.Contains("60 of 139 patients", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Withdraw_OfWhatIsAccepted_NeedsAReasonAndShowsBothInTheHistory()
    {
        await using (var db = WebClinic.Context(Services))
        {
            db.LocalAcceptances.Add(new()
            {
                ModelVersionId = _version.Id,
                Threshold = 0.345,
                Evidence = "{}",
                EvidenceHash = LocalAcceptance.HashOf(_version.Sha256, 0.345, "{}"),
                Reason = "Measured in March.",
                AcceptedByName = "lead",
                AcceptedAt = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero),
            });
            await db.SaveChangesAsync(Cancellation);
        }

        var page = Open();
        Assert.Contains("at the threshold 0.345", page.Find(".mud-alert").TextContent, StringComparison.Ordinal);

        await page.Find("form[aria-label=Withdraw] input").ChangeAsync(new() { Value = "Another scanner." });
        await page.Find("form[aria-label=Withdraw]").SubmitAsync();

        page.WaitForAssertion(
            () => Assert.Equal(
                ["✕ withdrawn", "✓ accepted"],
                page.FindAll("tbody")[2].QuerySelectorAll("td.state:nth-child(3)").Select(c => c.TextContent)), Patience);
        Assert.Contains("Not accepted here", page.Find(".mud-alert").TextContent, StringComparison.Ordinal);
    }

    IRenderedComponent<AcceptancePage> Open()
    {
        var page = Draw<AcceptancePage>(TestClinic.Lead, p => p.Add(c => c.Id, _version.Id));
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll("h1")), Patience);
        return page;
    }
}

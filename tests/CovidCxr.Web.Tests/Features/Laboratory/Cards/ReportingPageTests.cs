using Bunit;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Laboratory.Cards;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Web.Tests.Features.Laboratory.Cards;

/// <summary>The printable items, with the real use case on a real database.</summary>
public sealed class ReportingPageTests : ClinicPages
{
    [Fact]
    public async Task Page_OfAnUntrainedVersion_ShowsEveryItemAndLeavesThemOpen()
    {
        await using var db = WebClinic.Context(Services);
        var version = await db.ModelVersions.FirstAsync(Cancellation);
        await db.ModelVersions.Where(m => m.Id == version.Id)
            .ExecuteUpdateAsync(s => s.SetProperty(m => m.HeaderJson, TestHeader.Of().ToJson()), Cancellation);

        var page = Draw<ReportingPage>(TestClinic.Reader, p => p.Add(c => c.Id, version.Id));

        await page.WaitForAssertionAsync(() => Assert.Equal(2, page.FindAll("section").Count), Patience);
        Assert.Equal(44, page.FindAll("section")[0].QuerySelectorAll("tbody tr").Length);
        Assert.Equal(52, page.FindAll("section")[1].QuerySelectorAll("tbody tr").Length);
        Assert.Contains("○ not recorded", page.Markup, StringComparison.Ordinal);
        Assert.Contains("not recorded", page.Find("dl.facts dd").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_OfACandidate_IsNotAReaders()
    {
        await using var db = WebClinic.Context(Services);
        await db.ModelVersions.ExecuteUpdateAsync(
            s => s.SetProperty(m => m.HeaderJson, TestHeader.Of().ToJson()).SetProperty(m => m.IsActive, false), Cancellation);
        var version = await db.ModelVersions.Select(m => m.Id).FirstAsync(Cancellation);

        var (reader, lead) = (
            Draw<ReportingPage>(TestClinic.Reader, p => p.Add(c => c.Id, version)),
            Draw<ReportingPage>(TestClinic.Lead, p => p.Add(c => c.Id, version)));

        await reader.WaitForAssertionAsync(
            () => Assert.Contains("There is no such model", reader.Markup, StringComparison.Ordinal), Patience);
        await lead.WaitForAssertionAsync(() => Assert.Equal(2, lead.FindAll("section").Count), Patience);
    }

    [Fact]
    public void Page_OfNoVersion_SaysSo() => Assert.Contains(
        "There is no such model", Draw<ReportingPage>(TestClinic.Reader, p => p.Add(c => c.Id, Guid.NewGuid())).Markup,
        StringComparison.Ordinal);
}

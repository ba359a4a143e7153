using AngleSharp.Dom;
using Bunit;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using CovidCxr.Web.Shared.Security;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using WorklistPage = CovidCxr.Web.Features.Clinic.Studies.WorklistPage;

namespace CovidCxr.Web.Tests.Features.Clinic.Studies;

/// <summary>The list of studies as its address asks for it.</summary>
public sealed class WorklistPageTests : ClinicPages
{
    readonly SlowNavigation _browser = new("/");

    public WorklistPageTests()
    {
        Services.AddSingleton<NavigationManager>(_browser);
        AddAuthorization().SetAuthorized(TestClinic.Reader.UserName).SetPolicies(AccessPolicies.ViewStudies, AccessPolicies.UploadStudies);
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    protected override async Task FillAsync()
    {
        await WebClinic.AddStudyAsync(Services, "P-1");
    }

    [Fact]
    public async Task Filters_ChangedTwiceWithinARoundTrip_KeepBothChanges()
    {
        var page = await OpenAsync();

        await Filter(page, "View").ChangeAsync(new() { Value = "AP" });
        await Filter(page, "Received").ChangeAsync(new() { Value = "7" });
        await Filter(page, "Read or unread").ChangeAsync(new() { Value = "False" });

        Assert.Equal("http://localhost/?read=False&view=AP&days=7", _browser.Last);
        Assert.Equal("AP", Filter(page, "View").GetAttribute("value"));
        for (var round = 0; round < 3; round++)
        {
            await page.InvokeAsync(_browser.Arrive);
        }

        await Filter(page, "View").ChangeAsync(new() { Value = "" });
        Assert.Equal("http://localhost/?read=False&days=7", _browser.Last);
    }

    [Theory]
    [Trait("Speed", "Slow")]
    [InlineData("/?page=x&up=x&asked=x&days=x")]
    [InlineData("/?page=-1&sort=5&read=2")]
    public async Task Address_TypedByHand_IsReadAsFarAsItMakesSense(string address)
    {
        _browser.NavigateTo(address);
        _browser.Arrive();

        var page = await OpenAsync();

        Assert.Equal("P-1", page.Find("a.row").TextContent);
        Assert.StartsWith("1–1 of 1", page.Find(".pager > span").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Row_OfAWithheldFilm_SaysWhyInTextAndWithItsLink()
    {
        const string Reason = "A part of the lungs is cut off.";
        await WebClinic.AddStudyAsync(Services, "P-2", StudyStatus.Withheld, Reason, day: 2);

        var page = await OpenAsync();

        var said = Assert.Single(page.FindAll(".worklist td .reason"));
        Assert.Equal(Reason, said.TextContent);
        var row = said.Closest("tr")!;
        Assert.Contains("⚠ withheld", said.ParentElement!.TextContent, StringComparison.Ordinal);
        Assert.Equal(said.Id, row.QuerySelector("a.row")!.GetAttribute("aria-describedby"));
        Assert.Empty(row.QuerySelectorAll($"[title='{Reason}']"));
        Assert.Null(page.FindAll("a.row").Single(a => a.TextContent == "P-1").GetAttribute("aria-describedby"));
    }

    async Task<IRenderedComponent<WorklistPage>> OpenAsync()
    {
        var page = Draw<WorklistPage>(TestClinic.Reader);
        await page.WaitForAssertionAsync(() => Assert.NotEmpty(page.FindAll("a.row")), Patience);
        return page;
    }

    static IElement Filter(IRenderedComponent<WorklistPage> page, string name) => page.Find($"select[aria-label='{name}']");
}

using AngleSharp.Dom;
using Bunit;
using CovidCxr.Domain.Hospital;
using CovidCxr.Hospital;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Hospital.Inbox;
using CovidCxr.Web.Shared.Security;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using MudBlazor;
using MudBlazor.Services;

namespace CovidCxr.Web.Tests.Features.Hospital.Inbox;

/// <summary>The administrator's page of the hospital's network, with the real use cases on a real database.</summary>
public sealed class HospitalPageTests : ClinicPages
{
    public HospitalPageTests()
    {
        AddAuthorization().SetAuthorized(TestClinic.Admin.UserName).SetPolicies(AccessPolicies.Administer);
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices();
        Services.AddCovidCxrHospital(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Hospital:Peers:0:AeTitle"] = "CR1",
            ["Hospital:Peers:0:Host"] = "10.0.3.7",
            ["Hospital:Peers:1:AeTitle"] = "PACS",
            ["Hospital:Peers:1:Host"] = "127.0.0.1",
            ["Hospital:Peers:1:Port"] = "1",
        }).Build());
    }

    protected override async Task FillAsync()
    {
        await using var db = WebClinic.Context(Services);
        for (var n = 0; n < 30; n++)
        {
            db.ReceivedObjects.Add(new()
            {
                Id = TestClinic.Numbered(n),
                CallingAe = $"CR{n}",
                Host = "10.0.3.7",
                ReceivedAt = new(2026, 3, 2, 8, n, 0, TimeSpan.Zero),
                State = n == 29 ? ReceivedState.Question : ReceivedState.Filed,
                Reason = n == 29 ? "The patient number is known with another sex." : null,
            });
        }

        await db.SaveChangesAsync(Cancellation);
    }

    async Task<IRenderedComponent<HospitalPage>> DrawAsync()
    {
        Render<MudPopoverProvider>();
        var page = Draw<HospitalPage>(TestClinic.Admin);
        await page.WaitForAssertionAsync(() => Assert.Equal(25, Rows(page).Count()), Patience);
        return page;
    }

    static IEnumerable<IElement> Rows(IRenderedComponent<HospitalPage> page) =>
        page.FindAll("tbody tr").Where(r => r.QuerySelector("time") is not null);

    static IElement Button(IRenderedComponent<HospitalPage> page, string words) =>
        page.FindAll("button").Single(b => b.TextContent.Trim() == words);

    async Task<ReceivedState> StateAsync()
    {
        await using var db = WebClinic.Context(Services);
        return await db.ReceivedObjects.Where(r => r.Id == TestClinic.Numbered(29)).Select(r => r.State).SingleAsync(Cancellation);
    }

    [Fact]
    public async Task Page_WithThirtyObjects_ShowsTheNewestFirstAndTheReceiver()
    {
        var page = await DrawAsync();

        Assert.Contains("CR29", Rows(page).First().TextContent, StringComparison.Ordinal);
        Assert.Contains("switched off", page.Find("[data-test=receiver]").TextContent, StringComparison.Ordinal);
        Assert.Equal("29 ● filed · 1 ⚠ question", page.Find("[data-test=counts]").TextContent.Trim());
        Assert.Contains("known with another sex", page.Markup, StringComparison.Ordinal);
        Assert.Contains("1-25 of 30", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Discard_AsksOnceMoreAndIsDone()
    {
        var page = await DrawAsync();

        await Button(page, "Discard").ClickAsync(new());
        Assert.Equal(ReceivedState.Question, await StateAsync());
        await Button(page, "Discard for good").ClickAsync(new());

        await page.WaitForAssertionAsync(() => Assert.Contains("Discarded.", page.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal(ReceivedState.Discarded, await StateAsync());
        Assert.DoesNotContain(page.FindAll("button"), b => b.TextContent.Trim() == "Discard");
    }

    [Fact]
    public async Task Answer_OnAPageThatIsStale_SaysThatSomebodyElseAnswered()
    {
        var page = await DrawAsync();
        await using (var db = WebClinic.Context(Services))
        {
            await db.ReceivedObjects.Where(r => r.Id == TestClinic.Numbered(29))
                .ExecuteUpdateAsync(s => s.SetProperty(r => r.State, ReceivedState.Discarded), Cancellation);
        }

        await Button(page, "File as sent").ClickAsync(new());

        await page.WaitForAssertionAsync(
            () => Assert.Contains("somebody else may have answered", page.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal(ReceivedState.Discarded, await StateAsync());
    }

    [Fact]
    public async Task Echo_OfAPeerThatIsNotThere_SaysSoInPlainWords()
    {
        Xunit.Assert.SkipUnless(File.Exists("/usr/bin/echoscu"), "No dcmtk here: apt-get install dcmtk.");
        var page = await DrawAsync();

        // One of both has no port, and so no button.
        await Button(page, "C-ECHO").ClickAsync(new());

        await page.WaitForAssertionAsync(
            () => Assert.Contains("✕ Nothing listens on port 1 of 127.0.0.1.", page.Markup, StringComparison.Ordinal), Patience);
    }
}

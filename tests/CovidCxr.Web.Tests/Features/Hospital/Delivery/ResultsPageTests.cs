using AngleSharp.Dom;
using Bunit;
using CovidCxr.Domain.Hospital;
using CovidCxr.Hospital;
using CovidCxr.Hospital.Fhir;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Hospital.Delivery;
using CovidCxr.Web.Shared.Security;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;

namespace CovidCxr.Web.Tests.Features.Hospital.Delivery;

/// <summary>The administrator's page of what is sent, with the real use cases on a real database.</summary>
public sealed class ResultsPageTests : ClinicPages
{
    public ResultsPageTests()
    {
        AddAuthorization().SetAuthorized(TestClinic.Admin.UserName).SetPolicies(AccessPolicies.Administer);
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices();
        Services.AddCovidCxrHospital(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Hospital:Destinations:0:Name"] = "EHR",
            // Nobody listens there.
            ["Hospital:Destinations:0:FhirServer"] = "http://127.0.0.1:9/fhir",
        }).Build());
    }

    protected override async Task FillAsync()
    {
        var study = await WebClinic.AddStudyAsync(Services);
        await using var db = WebClinic.Context(Services);
        (await db.Studies.SingleAsync(s => s.Id == study, Cancellation)).IsWithdrawn = true;
        Add(1, DeliveryState.Failed, "It has an object of this UID already (status 0111).", null);
        Add(2, DeliveryState.Cancelled, "The film was withdrawn.", 0);
        Add(3, DeliveryState.Cancelled, "The film was withdrawn.", null);
        await db.SaveChangesAsync(Cancellation);

        void Add(int version, DeliveryState state, string reason, long? sent) => db.OutgoingResults.Add(new()
        {
            Id = TestClinic.Numbered(version),
            StudyId = study,
            Destination = "PACS",
            Version = version,
            InstanceUid = $"2.25.{version}",
            State = state,
            Reason = reason,
            SentAfterChange = sent,
        });
    }

    async Task<IRenderedComponent<ResultsPage>> DrawAsync()
    {
        Render<MudPopoverProvider>();
        var page = Draw<ResultsPage>(TestClinic.Admin);
        await page.WaitForAssertionAsync(() => Assert.Equal(3, page.FindAll("tbody tr").Count(r => r.QuerySelector("time") is not null)),
            Patience);
        return page;
    }

    static IElement Button(IRenderedComponent<ResultsPage> page, string words) =>
        page.FindAll("button").Single(b => b.TextContent.Trim() == words);

    [Fact]
    public async Task WhatMayBeThere_IsNamedAsSuch_AndNothingElseIs()
    {
        var page = await DrawAsync();

        var alarms = page.Find("[data-test=alarms]").TextContent;
        Assert.Contains("2.25.2", alarms, StringComparison.Ordinal);
        Assert.Contains("it may be there", alarms, StringComparison.Ordinal);
        Assert.DoesNotContain("2.25.3", alarms, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatTheArchiveHasAlready_IsDeliveredWithAReasonAlone()
    {
        var page = await DrawAsync();

        await Button(page, "It is there…").ClickAsync(new());
        await Button(page, "Count it as delivered").ClickAsync(new());
        Assert.Contains("Say why", page.Find("[role=status]").TextContent, StringComparison.Ordinal);
        await page.Find("[data-test=is-there] input").ChangeAsync(new() { Value = "seen in the viewer" });
        await Button(page, "Count it as delivered").ClickAsync(new());

        await using var db = WebClinic.Context(Services);
        var row = await db.OutgoingResults.SingleAsync(r => r.Id == TestClinic.Numbered(1), Cancellation);
        Assert.Equal((DeliveryState.Delivered, "seen in the viewer"), (row.State, row.Reason));
        Assert.Empty(page.FindAll("[data-test=is-there]"));
    }

    [Fact]
    public async Task FhirServer_IsAskedAtAButton()
    {
        var page = await DrawAsync();

        await Button(page, "Ask").ClickAsync(new());

        Assert.Contains(
            "✕ Nothing answers at 127.0.0.1:9.", page.FindAll("td [role=status]").Select(s => s.TextContent.Trim()));
    }

    [Fact]
    public async Task FhirServer_ThatCannotBeAsked_LeavesThePageThere()
    {
        var page = await DrawAsync();
        await Button(page, "Ask").ClickAsync(new());
        // An error that nobody foresaw.
        Services.GetRequiredService<FhirClient>().Dispose();

        await Button(page, "Ask").ClickAsync(new());

        Assert.Contains(
            "✕ It could not be asked: look into the program's log.",
            page.FindAll("td [role=status]").Select(s => s.TextContent.Trim()));
        Assert.False(Button(page, "Ask").HasAttribute("disabled"));
    }
}

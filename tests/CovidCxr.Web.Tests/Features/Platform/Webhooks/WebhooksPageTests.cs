using Bunit;
using CovidCxr.Domain.Webhooks;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Platform.Webhooks;
using CovidCxr.Web.Shared.Security;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.EntityFrameworkCore;
using MudBlazor;
using MudBlazor.Services;

namespace CovidCxr.Web.Tests.Features.Platform.Webhooks;

/// <summary>What was told and what was given up, with the real use cases on a real database.</summary>
public sealed class WebhooksPageTests : ClinicPages
{
    public WebhooksPageTests()
    {
        AddAuthorization().SetAuthorized(TestClinic.Admin.UserName).SetPolicies(AccessPolicies.Administer);
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices();
    }

    protected override async Task FillAsync()
    {
        await using var db = WebClinic.Context(Services);
        db.WebhookAddresses.Add(new() { Name = "RIS" });
        db.WebhookMessages.AddRange(
            New(1, WebhookState.Failed, "It answered with status 500."), New(2, WebhookState.Delivered, null),
            New(3, WebhookState.Waiting, null));
        await db.SaveChangesAsync(Cancellation);
    }

    static WebhookMessage New(int number, WebhookState state, string? reason) => new()
    {
        Id = TestClinic.Numbered(number),
        Address = "RIS",
        Event = "study.read",
        StudyId = TestClinic.Numbered(number),
        State = state,
        Reason = reason,
    };

    [Fact]
    public async Task DeadLetter_IsShownWithItsReason_AndTriedAgain()
    {
        Render<MudPopoverProvider>();
        var page = Draw<WebhooksPage>(TestClinic.Admin);
        await page.WaitForAssertionAsync(
            () => Assert.Equal(3, page.FindAll("tbody tr").Count(r => r.QuerySelector("time") is not null)), Patience);
        Assert.Contains("It answered with status 500.", page.Markup, StringComparison.Ordinal);
        Assert.Contains("Nobody is told", page.Markup, StringComparison.Ordinal);

        await page.FindAll("button").Single(b => b.TextContent.Trim() == "Retry").ClickAsync(new());

        await page.WaitForAssertionAsync(() => Assert.Contains("It is tried again", page.Markup, StringComparison.Ordinal), Patience);
        await using var db = WebClinic.Context(Services);
        Assert.Equal(2, await db.WebhookMessages.CountAsync(m => m.State == WebhookState.Waiting, Cancellation));
    }
}

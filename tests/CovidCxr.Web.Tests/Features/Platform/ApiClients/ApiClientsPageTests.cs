using AngleSharp.Dom;
using Bunit;
using CovidCxr.Domain.Accounts;
using CovidCxr.Platform.ApiClients;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Platform.ApiClients;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;

namespace CovidCxr.Web.Tests.Features.Platform.ApiClients;

/// <summary>Keys of other programs, with the real use cases on a real database.</summary>
public sealed class ApiClientsPageTests : ClinicPages
{
    async Task<IRenderedComponent<ApiClientsPage>> OpenAsync()
    {
        var page = Draw<ApiClientsPage>(TestClinic.Admin);
        await page.WaitForAssertionAsync(() => Assert.NotEmpty(page.FindAll("form")), Patience);
        return page;
    }

    static IElement Box(IRenderedComponent<ApiClientsPage> page, string scope) =>
        page.FindAll("label").Single(l => l.TextContent.Contains(scope, StringComparison.Ordinal)).QuerySelector("input")!;

    [Fact]
    public async Task Client_IsCreatedWithWhatWasChosen_AndItsKeyIsShownOnce()
    {
        var page = await OpenAsync();
        await page.Find("input[type=text]").ChangeAsync(new() { Value = "PACS bridge" });
        await page.Find("form").SubmitAsync();
        Assert.Contains("Choose what it may do", page.Markup, StringComparison.Ordinal);

        await Box(page, ApiScope.WriteStudies).ChangeAsync(new() { Value = true });
        await page.Find("form").SubmitAsync();

        var key = page.Find("[data-test=key] code").TextContent;
        var client = await Services.GetRequiredService<CheckApiKey>().RunAsync(key, Cancellation);
        Assert.Equal(("PACS bridge", ApiScope.WriteStudies), (client!.Name, Assert.Single(client.Scopes)));
        Assert.DoesNotContain(key, (await OpenAsync()).Markup, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Revoke_AsksFirst()
    {
        var created = await Services.GetRequiredService<CreateApiClient>().RunAsync(
            "PACS bridge", [ApiScope.ReadStudies], 30, TestClinic.Admin, Cancellation);
        var dialogs = Render<MudDialogProvider>();
        var page = await OpenAsync();

        var revoking = page.Find("button[aria-label='Revoke PACS bridge']").ClickAsync(new());
        await dialogs.WaitForAssertionAsync(() => Assert.Contains("Revoke the key", dialogs.Markup, StringComparison.Ordinal), Patience);
        Assert.NotNull(await Services.GetRequiredService<CheckApiKey>().RunAsync(created.Key!, Cancellation));
        await dialogs.FindAll("button").Single(b => b.TextContent.Trim() == "Revoke it").ClickAsync(new());
        await revoking;

        Assert.Null(await Services.GetRequiredService<CheckApiKey>().RunAsync(created.Key!, Cancellation));
        Assert.Contains("✕ revoked", page.Markup, StringComparison.Ordinal);
    }
}

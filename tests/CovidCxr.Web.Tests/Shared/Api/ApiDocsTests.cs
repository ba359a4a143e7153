using CovidCxr.Testing;
using CovidCxr.Web.Tests.Shared.Security;
using Microsoft.Playwright;

namespace CovidCxr.Web.Tests.Shared.Api;

/// <summary>Scalar's page of the API in a browser, under the program's own content security policy.</summary>
[Trait("Speed", "Slow")]
public sealed class ApiDocsTests
{
    const string Chromium = "/usr/bin/chromium";

    [Fact]
    public async Task Page_ShowsTheApi_AndAsksNobodyElse()
    {
        Assert.SkipUnless(File.Exists(Chromium), "No Chromium here: apt-get install chromium.");
        await using var installation = await Installation.StartAsync();
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = ["--no-sandbox"] });
        var page = await browser.NewPageAsync(new() { BaseURL = installation.Address.ToString() });
        List<string> complaints = [], elsewhere = [];
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                complaints.Add(message.Text);
            }
        };
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(installation.Address.ToString(), StringComparison.Ordinal)
                && request.Url.StartsWith("http", StringComparison.Ordinal))
            {
                elsewhere.Add(request.Url);
            }
        };
        await page.GotoAsync("/account/sign-in");
        await page.Locator("input[name='Input.UserName']").FillAsync(TestClinic.Admin.UserName);
        await page.Locator("input[name='Input.Password']").FillAsync(Installation.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.WaitForURLAsync(url => !url.Contains("sign-in", StringComparison.Ordinal));
        complaints.Clear();

        await page.GotoAsync("/api/docs/");

        await Assertions.Expect(page.GetByText("/api/v1/studies/{id}/prediction").First)
            .ToBeAttachedAsync(new() { Timeout = 60_000 });
        Assert.Empty(complaints);
        Assert.Empty(elsewhere);
    }
}

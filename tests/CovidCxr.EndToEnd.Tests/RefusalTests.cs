using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests;

[Collection(nameof(Clinic))]
public sealed class RefusalTests(Clinic clinic)
{
    [Fact]
    public async Task Stranger_AnywhereInside_IsSentToTheSignIn()
    {
        Clinic.NeedBrowser();
        var page = await clinic.OpenAsync();
        foreach (var path in new[] { "/", $"/studies/{await AnyStudyAsync()}", "/models", "/admin/audit", "/settings/policy" })
        {
            await page.GotoAsync(path);
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        }

        await Look.CheckAsync(page, "sign-in");
        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    async Task<Guid> AnyStudyAsync()
    {
        await using var db = clinic.Program.OpenDatabase();
        return db.Studies.Select(s => s.Id).First();
    }
}

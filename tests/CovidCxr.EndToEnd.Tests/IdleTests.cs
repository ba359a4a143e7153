using CovidCxr.Domain.Accounts;
using CovidCxr.Platform.Accounts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests;

[Collection(nameof(Clinic))]
public sealed class IdleTests(Clinic clinic)
{
    [Fact]
    public async Task Person_WhoDoesNothing_IsWarned_StaysByAKey_AndIsToldAfterwardsWhyTheyLeft()
    {
        Clinic.NeedBrowser();
        var account = SeedDemoAccounts.All.Single(a => a.Role == Role.DepartmentLead);
        var page = await clinic.OpenAsync();
        await Clinic.SignInAsync(page, account.UserName, account.Password);
        // The page's own clock is shortened, not the server's: the last third of six seconds is said.
        await page.RouteAsync("**/models", async route =>
        {
            var answer = await route.FetchAsync();
            var text = await answer.TextAsync();
            await route.FulfillAsync(new()
            {
                Response = answer,
                Body = text.Replace("content=\"43200\"", "content=\"6\"", StringComparison.Ordinal)
            });
        });
        await page.GotoAsync("/models");
        var warning = page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "signed out in less than a minute" });
        await Expect(warning).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Shift");
        await Expect(warning).ToBeHiddenAsync();
        await Expect(warning).ToBeVisibleAsync();

        await page.WaitForURLAsync(url => url.Contains("sign-in", StringComparison.Ordinal));
        await Expect(page.GetByText("You were signed out because nothing was done")).ToBeVisibleAsync();
        await page.UnrouteAllAsync();
        await page.GetByLabel("User name").FillAsync(account.UserName);
        await page.GetByLabel("Password").FillAsync(account.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.WaitForURLAsync(url => url.Contains("/models", StringComparison.Ordinal));
        await page.Context.CloseAsync();
    }
}

using CovidCxr.Domain.Accounts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests;

/// <summary>What a person sees of their own sign-ins.</summary>
[Collection(nameof(Clinic))]
public sealed class AccountTests(Clinic clinic)
{
    [Fact]
    public async Task Person_SeesWhereTheyAreSignedIn_EndsIt_AndIsToldThere()
    {
        Clinic.NeedBrowser();
        // An account of its own: the sessions of the others belong to the other stories.
        const string Name = "e2e-sessions", Given = "saffron-glacier-09-tin", Password = "lantern-fjord-cobalt-42";
        var administrator = await clinic.OpenAsync(Role.Admin);
        await administrator.GotoAsync("/admin/accounts");
        await administrator.GetByLabel("User name").FillAsync(Name);
        await administrator.GetByLabel("First password").FillAsync(Given);
        await administrator.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(administrator.GetByText($"{Name} is created.")).ToBeVisibleAsync();
        await Look.CheckAsync(administrator, "accounts");
        await administrator.Context.CloseAsync();
        var (here, there) = (await clinic.OpenAsync(), await clinic.OpenAsync());
        await Clinic.SignInFirstAsync(there, Name, Given, Password);
        await Clinic.SignInAsync(here, Name, Password);

        await here.GotoAsync("/account/password");
        await Expect(here.Locator(".sessions tr").Filter(new() { HasText = "Chrome on Linux" }).First).ToBeVisibleAsync();
        await Look.CheckAsync(here, "password");
        await here.GetByRole(AriaRole.Button, new() { Name = "Sign out everywhere else" }).ClickAsync();
        await Expect(here.Locator(".sessions tbody tr")).ToHaveCountAsync(1);

        // The open page learns it within half a minute, whatever its person does.
        await there.WaitForURLAsync(url => url.Contains("sign-in", StringComparison.Ordinal), new() { Timeout = 120_000 });
        await here.GotoAsync("/account/authenticator");
        await Expect(here.Locator(".qr svg")).ToBeVisibleAsync();
        await Look.CheckAsync(here, "authenticator");
        await here.GetByLabel("Your password, once more").FillAsync(Password);
        await here.GetByLabel("The six digits that it shows").FillAsync("12345");
        await here.GetByRole(AriaRole.Button, new() { Name = "Set up" }).ClickAsync();
        await Expect(here.GetByRole(AriaRole.Alert)).ToContainTextAsync("The code is wrong");
        await here.Context.CloseAsync();
        await there.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }
}

using System.Text.Json.Nodes;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Accounts;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests;

/// <summary>Without a password, in a real browser: by an identity provider, and by a passkey of a device that the browser plays.</summary>
[Collection(nameof(Clinic))]
public sealed class SingleSignOnTests(Clinic clinic)
{
    const string Path = "/covidcxr";

    [Fact]
    public async Task Person_SignsInByAProvider_AndOutOfBoth_ByKeyboardAlone()
    {
        Clinic.NeedBrowser();
        await using var provider = await BentProvider.StartAsync();
        provider.Person = new() { ["sub"] = "s-1", ["preferred_username"] = "anna", ["groups"] = new JsonArray("readers") };
        var settings = provider.Settings(
            ("CreatesAccounts", "true"), ("Roles:0:Group", "readers"), ("Roles:0:Role", "Radiologist"));
        await using var program = await StartAsync("provider", settings);
        var page = await clinic.OpenAsync(program.Address);
        await page.GotoAsync("account/sign-in");
        await Look.CheckAsync(page, "sign-in-provider");

        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in with Bent" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".rail")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Account of anna" })).ToBeVisibleAsync();
        await page.GotoAsync("account/providers");
        await Expect(page.GetByText("Linked: Bent signs you in")).ToBeVisibleAsync();
        await Look.CheckAsync(page, "providers");
        await page.GotoAsync("./");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page.GetByLabel("User name")).ToBeVisibleAsync();
        Assert.Equal("/end", provider.Asked.Last().Path);

        // A local account is linked: the form's answer leads to another host, which the page's policy lets it.
        await Clinic.SignInAsync(page, Role.DepartmentLead);
        await page.GotoAsync("account/providers");
        provider.Person["sub"] = "s-2";
        await page.GetByLabel("Password, to link it").FillAsync(PasswordOf(Role.DepartmentLead));
        await page.GetByRole(AriaRole.Button, new() { Name = "Link Bent" }).ClickAsync();
        await Expect(page.GetByText("Linked: Bent signs you in")).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Passkey_IsMade_SignsInWithTwoFactors_AndIsTakenAway(bool isUnderAPath)
    {
        Clinic.NeedBrowser();
        (string, string)[] settings = [("Accounts:SecondFactorForAdministrators", "true")];
        await using var program = await StartAsync("passkey", isUnderAPath ? [.. settings, ("Proxies:PathBase", Path)] : settings);
        await using var proxy = new PathProxy(program.Address, Path, isKept: true);
        // A passkey belongs to a name, never to a number.
        var address = new UriBuilder(isUnderAPath ? proxy.Address : program.Address) { Host = "localhost" }.Uri;
        var page = await clinic.OpenAsync(address);
        await AddDeviceAsync(page);
        await Clinic.SignInAsync(page, Role.Admin);
        await page.GotoAsync("admin/accounts");
        await Expect(page.GetByText("second factor").First).ToBeVisibleAsync();

        await page.GotoAsync("account/passkeys");
        await Look.CheckAsync(page, "passkeys");
        await page.GetByLabel("Name, to tell it apart").FillAsync("Blue key");
        await page.GetByLabel("Your password, once more").FillAsync("wrong-fjord-cobalt-42");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a passkey" }).ClickAsync();
        await Expect(page.GetByText("The password is wrong.")).ToBeVisibleAsync();
        await page.GetByLabel("Your password, once more").FillAsync(PasswordOf(Role.Admin));
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a passkey" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Blue key" })).ToBeVisibleAsync();
        await page.GotoAsync("./");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Use a passkey" }).ClickAsync();
        await Expect(page.Locator(".rail")).ToBeVisibleAsync();
        await page.GotoAsync("admin/accounts");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Accounts", Level = 1 })).ToBeVisibleAsync();
        await page.GotoAsync("account/passkeys");
        await Expect(page.GetByText("last used 20")).ToBeVisibleAsync();
        await page.GetByLabel("Password, to take it away").FillAsync(PasswordOf(Role.Admin));
        await page.GetByRole(AriaRole.Button, new() { Name = "Take Blue key away" }).ClickAsync();
        await page.GotoAsync("account/sign-in");
        await page.GetByRole(AriaRole.Button, new() { Name = "Use a passkey" }).ClickAsync();
        await Expect(page.GetByText("This passkey opens no account here.")).ToBeVisibleAsync();
        await using var db = program.OpenDatabase();
        Assert.Equal(0, await db.UserPasskeys.CountAsync());
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Passkey_SignsTheEvidenceOfAVersion_InPlaceOfThePassword()
    {
        Clinic.NeedBrowser();
        await using var program = await StartAsync("passkey-sign", [], isFilled: true);
        await program.RegisterAsync(clinic.ModelFile("Stand-in B", seed: 2, side: 96));
        var page = await clinic.OpenAsync(new UriBuilder(program.Address) { Host = "localhost" }.Uri);
        var verify = await AddDeviceAsync(page);
        await Clinic.SignInAsync(page, Role.Admin);
        await page.GotoAsync("account/passkeys");
        await page.GetByLabel("Name, to tell it apart").FillAsync("Blue key");
        await page.GetByLabel("Your password, once more").FillAsync(PasswordOf(Role.Admin));
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a passkey" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Blue key" })).ToBeVisibleAsync();

        await page.GotoAsync("models");
        await page.Locator(".mud-table:not(.timeline) tbody tr", new() { HasTextString = "Stand-in B" })
            .GetByRole(AriaRole.Link, new() { Name = "passed" }).ClickAsync();
        var confirm = page.GetByRole(AriaRole.Button, new() { Name = "Confirm with a passkey" });
        await Expect(confirm).ToBeVisibleAsync();
        await Look.CheckAsync(page, "gate-passkey");
        // The device is not sure of the person.
        await verify(false);
        await confirm.ClickAsync();
        await Expect(page.GetByText("No passkey was given.")).ToBeVisibleAsync();
        await verify(true);
        await confirm.ClickAsync();
        await Expect(page.GetByText("Signed.")).ToBeVisibleAsync();
        await Expect(page.GetByText("Promote version 2")).ToBeVisibleAsync();
        await using (var db = program.OpenDatabase())
        {
            Assert.Equal(1, await db.ModelSignatures.CountAsync());
            Assert.Equal(
                ["asked again by passkey"],
                await db.Audit.Where(a => a.Action == AuditAction.PersonConfirm).Select(a => a.Detail).ToListAsync());
        }

        // A plain page: the same key takes itself away.
        await page.GotoAsync("account/passkeys");
        await page.Locator("section.passkey").GetByRole(AriaRole.Button, new() { Name = "Confirm with a passkey" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Blue key" })).ToHaveCountAsync(0);
        await page.Context.CloseAsync();
    }

    Task<RunningProgram> StartAsync(string name, IEnumerable<(string Key, string Value)> settings, bool isFilled = false)
    {
        Dictionary<string, string> all = new() { ["Models__StarterFile"] = clinic.ModelFile("Stand-in A", seed: 1, side: 64) };
        foreach (var (key, value) in settings)
        {
            all[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        return RunningProgram.StartAsync(name, all, isFilled: isFilled);
    }

    /// <returns>Whether it makes sure of the person can be changed by this.</returns>
    static async Task<Func<bool, Task>> AddDeviceAsync(IPage page)
    {
        var devices = await page.Context.NewCDPSessionAsync(page);
        await devices.SendAsync("WebAuthn.enable");
        var added = await devices.SendAsync("WebAuthn.addVirtualAuthenticator", new()
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = true,
            },
        });
        var id = added!.Value.GetProperty("authenticatorId").GetString()!;
        return isSure => devices.SendAsync(
            "WebAuthn.setUserVerified", new() { ["authenticatorId"] = id, ["isUserVerified"] = isSure });
    }

    static string PasswordOf(string role) => SeedDemoAccounts.All.Single(a => a.Role == role).Password;
}

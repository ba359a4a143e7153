using System.Text.RegularExpressions;
using CovidCxr.Domain.Accounts;
using CovidCxr.Platform.Accounts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests;

/// <summary>The program under a path of a host, behind a proxy that keeps the path or takes it away.</summary>
[Collection(nameof(Clinic))]
public sealed class SubPathTests(Clinic clinic)
{
    const string Path = "/covidcxr";

    [Theory]
    [InlineData(false, "Proxies__Addresses", "127.0.0.1")]
    [InlineData(true, "Proxies__PathBase", Path)]
    public async Task Department_UnderAPath_NeverLeavesIt(bool isKept, string option, string value)
    {
        Clinic.NeedBrowser();
        await using var program = await RunningProgram.StartAsync(
            "sub-path", new() { ["Models__StarterFile"] = clinic.ModelFile("Stand-in A", seed: 1, side: 64), [option] = value });
        await using var proxy = new PathProxy(program.Address, Path, isKept);
        var page = await clinic.OpenAsync(proxy.Address);
        List<string> asked = [], complaints = [];
        page.Context.Request += (_, request) => asked.Add(request.Url);
        page.WebSocket += (_, socket) => asked.Add(socket.Url.Replace("ws://", "http://", StringComparison.Ordinal));
        page.PageError += (_, error) => complaints.Add(error);
        page.Console += (_, message) => complaints.AddRange(message.Type == "error" ? [message.Text] : []);

        // Whoever asks for a page first comes to it after the sign-in.
        await page.GotoAsync("models");
        await Expect(page).ToHaveURLAsync(new Regex($"{Path}/account/sign-in\\?"));
        await SignInAsync(page, Role.DepartmentLead);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Models", Level = 1 })).ToBeVisibleAsync();
        await FollowAsync(page, "Worklist", "");
        await page.Locator(".worklist a.row").First.ClickAsync();
        await Expect(page.Locator("#viewer[data-state=ready]")).ToBeVisibleAsync();
        await Expect(page.Locator("#viewer[data-heat=ready]")).ToBeVisibleAsync();
        await FollowAsync(page, "Agreement", "agreement");
        await page.GetByText("Export", new() { Exact = true }).ClickAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => page.Locator("a[download]").First.ClickAsync());
        Assert.Contains("Decision support", await File.ReadAllTextAsync(await download.PathAsync()), StringComparison.Ordinal);
        await SignOutAsync(page);

        await SignInAsync(page, Role.Radiologist);
        await Expect(page.Locator(".worklist a.row").First).ToBeVisibleAsync();
        await page.Locator("[data-upload-picker]").SetInputFilesAsync(Films.Png("sub-path.png", Films.Phantom(903)));
        await page.Locator(".tray a").ClickAsync();
        await Expect(page.Locator("#viewer[data-state=ready]")).ToBeVisibleAsync();
        await page.Locator("[data-action=theme]").ClickAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "light");
        Assert.Equal((Path + "/", Path), await CookiePathsAsync(page));
        await SignOutAsync(page);

        await SignInAsync(page, Role.Admin);
        foreach (var (label, address) in new[]
        {
            ("Data sets", "data-sets"), ("Training", "training"), ("Accounts", "admin/accounts"), ("Audit trail", "admin/audit"),
            ("Hospital", "admin/hospital"), ("System", "admin/system"),
        })
        {
            await FollowAsync(page, label, address);
        }

        await page.GotoAsync("no/such/page");
        await page.GetByText("Back to the start").ClickAsync();
        await Expect(page).ToHaveURLAsync(proxy.Address.ToString());
        await page.Context.CloseAsync();

        Assert.Contains(asked, url => url.Contains("/_blazor?", StringComparison.Ordinal));
        Assert.Contains(asked, url => url.Contains("/pixels", StringComparison.Ordinal));
        Assert.DoesNotContain(asked, url => !url.StartsWith(proxy.Address.ToString(), StringComparison.Ordinal) && !IsOfThePage(url));
        Assert.DoesNotContain(proxy.Requests, r => !r.Split(' ')[1].StartsWith(Path + "/", StringComparison.Ordinal));
        Assert.DoesNotContain(complaints, c => !c.StartsWith("Failed to load resource", StringComparison.Ordinal));
    }

    // Pictures that a page has made itself.
    static bool IsOfThePage(string url) =>
        url.StartsWith("data:", StringComparison.Ordinal) || url.StartsWith("blob:", StringComparison.Ordinal);

    static async Task SignInAsync(IPage page, string role)
    {
        var account = SeedDemoAccounts.All.Single(a => a.Role == role);
        await page.GetByLabel("User name").FillAsync(account.UserName);
        await page.GetByLabel("Password").FillAsync(account.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(page.Locator(".rail")).ToBeVisibleAsync();
    }

    static async Task SignOutAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page.GetByLabel("User name")).ToBeVisibleAsync();
    }

    static async Task FollowAsync(IPage page, string label, string address)
    {
        await page.Locator(".rail").GetByRole(AriaRole.Link, new() { Name = label }).First.ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex($"{Path}/{address}$"));
        await Expect(page.Locator("h1").First).ToBeVisibleAsync();
    }

    static async Task<(string Theme, string Session)> CookiePathsAsync(IPage page)
    {
        var cookies = await page.Context.CookiesAsync();
        return (cookies.Single(c => c.Name == "theme").Path!, cookies.Single(c => c.Name == "covidcxr").Path!);
    }
}

using CovidCxr.Domain.Accounts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests;

[Collection(nameof(Clinic))]
public sealed class RefusalTests(Clinic clinic)
{
    [Theory]
    [InlineData(Role.Radiologist, "/settings/policy", "/admin/accounts", "/admin/audit", "/admin/system")]
    [InlineData(Role.DepartmentLead, "/admin/accounts", "/admin/audit", "/admin/system")]
    [InlineData(Role.Admin, "/settings/policy", "/studies/{study}")]
    public async Task Page_OfAnotherRole_IsRefusedAndNotInTheRail(string role, params string[] paths)
    {
        Clinic.NeedBrowser();
        var study = await AnyStudyAsync();
        var page = await clinic.OpenAsync(role);
        await page.GotoAsync("/");
        await Expect(page.Locator(".rail")).ToBeVisibleAsync();
        foreach (var path in paths)
        {
            await Expect(page.Locator($".rail a[href='{path[1..]}']")).ToHaveCountAsync(0);
        }

        foreach (var path in paths)
        {
            await page.GotoAsync(path.Replace("{study}", study.ToString(), StringComparison.Ordinal));
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Not for your role" })).ToBeVisibleAsync();
        }

        await Look.CheckAsync(page, "refused");
        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    [Theory]
    [InlineData(Role.Admin, 403)]
    [InlineData(null, 401)]
    public async Task ImageAndUpload_OfWhoMayNotSeeStudies_AreRefused(string? role, int status)
    {
        Clinic.NeedBrowser();
        var study = await AnyStudyAsync();
        var page = role is null ? await clinic.OpenAsync() : await clinic.OpenAsync(role);
        var form = page.APIRequest.CreateFormData();
        form.Set("file", Films.Png("refused.png", Films.Phantom(600, size: 128)));

        Assert.Equal(status, (await page.APIRequest.GetAsync($"/studies/{study}/pixels")).Status);
        Assert.Equal(status, (await page.APIRequest.GetAsync($"/studies/{study}/heatmap/0")).Status);
        Assert.Equal(status, (await page.APIRequest.PostAsync("/studies/upload", new() { Multipart = form })).Status);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Upload_ByTheLead_IsNeitherOfferedNorTaken()
    {
        Clinic.NeedBrowser();
        var page = await clinic.OpenAsync(Role.DepartmentLead);
        await page.GotoAsync("/");
        await Expect(page.Locator("a.row").First).ToBeVisibleAsync();
        var form = page.APIRequest.CreateFormData();
        form.Set("file", Films.Png("refused.png", Films.Phantom(601, size: 128)));
        var token = await page.Locator("meta[name=antiforgery]").GetAttributeAsync("content");

        Assert.Equal(0, await page.Locator("[data-upload-picker]").CountAsync());
        Assert.Equal(403, (
            await page.APIRequest.PostAsync(
                "/studies/upload",
                new() { Multipart = form, Headers = new Dictionary<string, string> { ["RequestVerificationToken"] = token! } })).Status);
        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

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

using CovidCxr.Domain.Accounts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests;

[Collection(nameof(Clinic))]
public sealed class HelpTests(Clinic clinic)
{
    [Theory]
    [InlineData(Role.Radiologist, "As a radiologist", "As the administrator")]
    [InlineData(Role.DepartmentLead, "As the department’s lead", "As a radiologist")]
    [InlineData(Role.Admin, "As the administrator", "As the department’s lead")]
    public async Task QuestionMark_WhereThePageHasNoKeysOfItsOwn_OpensTheHelpOfTheRole(string role, string own, string another)
    {
        Clinic.NeedBrowser();
        var page = await clinic.OpenAsync(role, width: 1366, height: 768);
        await page.GotoAsync("/models");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Models", Level = 1 })).ToBeVisibleAsync();

        await page.Keyboard.PressAsync("?");

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = own })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = another })).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Term).Filter(new() { HasText = "AC1" })).ToBeVisibleAsync();
        await Look.CheckAsync(page, "help");
        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }
}

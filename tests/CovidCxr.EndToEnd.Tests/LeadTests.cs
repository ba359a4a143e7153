using CovidCxr.Domain.Accounts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests;

[Collection(nameof(Clinic))]
public sealed class LeadTests(Clinic clinic)
{
    [Fact]
    public async Task Policy_ChangedToConcurrent_ShowsReadersTheModelAtOnceAndIsKeptInTheHistory()
    {
        Clinic.NeedBrowser();
        var (lead, reader) = (await clinic.OpenAsync(Role.DepartmentLead), await clinic.OpenAsync(Role.Radiologist));
        await reader.GotoAsync("/");
        var study = await Clinic.UploadAsync(reader, Films.Png("policy.png", Films.Phantom(401)), "E2E-POLICY");
        await clinic.WaitForResultAsync(study);
        await lead.GotoAsync("/settings/policy");
        await Expect(lead.GetByText("In force: Blinded first")).ToBeVisibleAsync();

        await lead.GetByRole(AriaRole.Button, new() { Name = "Change to concurrent" }).ClickAsync();
        await lead.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await Expect(lead.GetByText("Say why the policy changes")).ToBeVisibleAsync();
        await lead.GetByLabel("Reason").FillAsync("to see what it changes");
        await lead.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await Expect(lead.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await Look.CheckAsync(lead, "policy-asked");
        await lead.Keyboard.PressAsync("Escape");
        await Expect(lead.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Expect(lead.GetByText("In force: Blinded first")).ToBeVisibleAsync();
        await ChangeAsync(lead, "Change to concurrent");
        await Expect(lead.GetByText("In force: Concurrent")).ToBeVisibleAsync();
        try
        {
            await Look.CheckAsync(lead, "policy");
            await Clinic.OpenStudyAsync(reader, study);
            await Expect(reader.Locator(".study")).ToHaveAttributeAsync("data-stage", "Concurrent");
            await Expect(reader.Locator("#viewer[data-heat=ready]")).ToBeVisibleAsync();
            await Look.CheckAsync(reader, "study-concurrent");
            await reader.Keyboard.PressAsync("5");
            await reader.Keyboard.PressAsync("Shift+2");
            await reader.Keyboard.PressAsync("Enter");
            await Expect(reader.GetByText("Do you agree with the model?", new() { Exact = false }).Last).ToBeVisibleAsync();
            await reader.Keyboard.PressAsync("d");
            await reader.Keyboard.PressAsync("Enter");
            await Expect(reader.Locator(".study")).ToHaveAttributeAsync("data-stage", "None");
        }
        finally
        {
            await ChangeAsync(lead, "Change to blinded first");
            await Expect(lead.GetByText("In force: Blinded first")).ToBeVisibleAsync();
        }

        await Expect(lead.Locator("table tbody tr")).ToHaveCountAsync(2);
        await Clinic.OpenStudyAsync(lead, study);
        await Expect(lead.Locator(".study-readings")).ToContainTextAsync("radiologist@demo.local");
        await Expect(lead.Locator(".study-readings")).ToContainTextAsync("disagrees");
        await Expect(lead.Locator(".study-form")).ToHaveCountAsync(0);
        await lead.Context.CloseAsync();
        await reader.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    static async Task ChangeAsync(IPage lead, string policy)
    {
        await lead.GetByRole(AriaRole.Button, new() { Name = policy }).ClickAsync();
        await lead.GetByLabel("Reason").FillAsync("told by the story");
        await lead.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await lead.GetByRole(AriaRole.Button, new() { Name = "Change the policy" }).ClickAsync();
    }
}

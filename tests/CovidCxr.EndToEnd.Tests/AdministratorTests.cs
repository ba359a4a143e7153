using CovidCxr.Domain.Accounts;
using CovidCxr.Platform.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests;

[Collection(nameof(Clinic))]
public sealed class AdministratorTests(Clinic clinic)
{
    [Fact]
    public async Task Model_Activated_AnswersTheNextUpload()
    {
        Clinic.NeedBrowser();
        var version = await clinic.Program.RegisterAsync(clinic.ModelFile("Stand-in B", seed: 2, side: 96));
        var (page, reader) = (await clinic.OpenAsync(Role.Admin), await clinic.OpenAsync(Role.Radiologist));
        await page.GotoAsync("/models");
        await Expect(page.Locator(".mud-table:not(.timeline) tbody tr", new() { HasTextString = "Stand-in A" }))
            .ToContainTextAsync("● active");
        await Look.CheckAsync(page, "models");

        await PromoteAsync(page, "Stand-in B", version);
        await Look.CheckAsync(page, "gate");
        await page.GetByRole(AriaRole.Link, new() { Name = "Acceptance here" }).ClickAsync();
        await Expect(page.GetByText("Not enough yet")).ToBeVisibleAsync();
        await Look.CheckAsync(page, "acceptance");
        await page.GotoAsync("/models/shadow");
        await Expect(page.GetByText("No version is in the shadow.")).ToBeVisibleAsync();
        await Look.CheckAsync(page, "shadow");
        await reader.GotoAsync("/");
        var study = await Clinic.UploadAsync(reader, Films.Png("second.png", Films.Phantom(501)));
        await clinic.WaitForResultAsync(study);
        await using (var db = clinic.Program.OpenDatabase())
        {
            var number = from p in db.Predictions
                         join m in db.ModelVersions on p.ModelVersionId equals m.Id
                         where p.StudyId == study
                         select m.Number;
            Assert.Equal(version, await number.SingleAsync());
        }

        await reader.GotoAsync("/");
        await Expect(reader.GetByText("The model has changed.")).ToBeVisibleAsync();
        await Look.CheckAsync(reader, "model-notice");
        await Clinic.OpenStudyAsync(reader, study);
        await Look.CheckAsync(reader, "study-notice");
        await reader.GetByRole(AriaRole.Button, new() { Name = "I have seen it" }).ClickAsync();
        await Expect(reader.GetByText("The model has changed.")).ToHaveCountAsync(0);
        await reader.ReloadAsync();
        await Expect(reader.GetByText("The model has changed.")).ToHaveCountAsync(0);

        await page.GotoAsync("/models");
        await Look.CheckAsync(page, "models-timeline");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask the golden films" }).ClickAsync();
        await Expect(page.GetByText("answers the golden films as it did")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "CLAIM, TRIPOD+AI" }).First.ClickAsync();
        await Expect(page.GetByText("CLAIM 2024").First).ToBeVisibleAsync();
        await Look.CheckAsync(page, "model-items");
        await PromoteAsync(page, "Stand-in A", 1);
        await page.GotoAsync("/models");
        await page.GetByRole(AriaRole.Button, new() { Name = $"Roll back to version {version}" }).ClickAsync();
        await Expect(page.GetByText($"Version {version} is active again.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Roll back" })).ToHaveCountAsync(0);
        await PromoteAsync(page, "Stand-in A", 1);
        await page.GotoAsync("/models");
        await page.Locator(".mud-table:not(.timeline)").GetByRole(AriaRole.Link, new() { Name = "Stand-in A" }).ClickAsync();
        await Expect(page.GetByText("It knows nothing of X-rays.")).ToBeVisibleAsync();
        await Expect(page.GetByText("Nothing was measured.")).ToBeVisibleAsync();
        await Look.CheckAsync(page, "model-card");
        // The stories after this one read as they would have.
        await reader.GotoAsync("/");
        await reader.GetByRole(AriaRole.Button, new() { Name = "I have seen it" }).ClickAsync();
        await Expect(reader.GetByText("The model has changed.")).ToHaveCountAsync(0);
        await page.Context.CloseAsync();
        await reader.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    // With the password again, on the page of its gate.
    static async Task PromoteAsync(IPage page, string name, int version)
    {
        await page.GotoAsync("/models");
        await page.Locator(".mud-table:not(.timeline) tbody tr", new() { HasTextString = name })
            .GetByRole(AriaRole.Link, new() { Name = "passed" }).ClickAsync();
        await page.GetByLabel("Your password").FillAsync("not the password at all");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign the evidence" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasTextString = "The password is wrong." })).ToBeVisibleAsync();
        await page.GetByLabel("Your password").FillAsync(SeedDemoAccounts.All.Single(a => a.Role == Role.Admin).Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign the evidence" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = $"Promote version {version}" }).ClickAsync();
        await Expect(page.GetByText($"Version {version} is active.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Account_CreatedAndDisabled_SignsInAndThenNoLonger()
    {
        Clinic.NeedBrowser();
        const string name = "locum@demo.local", password = "saffron-glacier-09-tin";
        var page = await clinic.OpenAsync(Role.Admin);
        await page.GotoAsync("/");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "What needs doing" })).ToBeVisibleAsync();
        await Expect(page.GetByText("Looking…")).ToHaveCountAsync(0);
        await Look.CheckAsync(page, "administration");
        await page.GotoAsync("/admin/accounts");
        await page.GetByLabel("User name").FillAsync(name);
        await page.GetByLabel("First password").FillAsync(password);
        await page.Locator("label:has-text(\"Role\") select").SelectOptionAsync(Role.Radiologist);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        var row = page.Locator("tbody tr", new() { HasTextString = name });
        await Expect(row).ToContainTextAsync("✓ active");
        const string next = "walnut-harvest-circuit-5";
        await row.GetByRole(AriaRole.Button, new() { Name = "New password" }).ClickAsync();
        await page.GetByLabel($"New password of {name}").FillAsync(next);
        await Look.CheckAsync(page, "accounts");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set and unlock" }).ClickAsync();
        await Expect(page.GetByText($"{name} has a new password and is unlocked.")).ToBeVisibleAsync();

        var locum = await clinic.OpenAsync();
        const string own = "orchid-tundra-violin-8";
        await Clinic.SignInFirstAsync(locum, name, next, own);
        await Expect(locum.GetByRole(AriaRole.Heading, new() { Name = "Worklist" })).ToBeVisibleAsync();
        await row.GetByRole(AriaRole.Button, new() { Name = "Disable" }).ClickAsync();
        await Expect(row).ToContainTextAsync("✕ disabled");
        await locum.Context.ClearCookiesAsync();
        await locum.GotoAsync("/account/sign-in");
        await locum.GetByLabel("User name").FillAsync(name);
        await locum.GetByLabel("Password").FillAsync(own);
        await locum.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(locum.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await Look.CheckAsync(locum, "sign-in-refused");
        await page.Context.CloseAsync();
        await locum.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    [Fact]
    public async Task AuditTrail_AfterAnUploadAndARefusal_NamesBothAndNoPatient()
    {
        Clinic.NeedBrowser();
        var reader = await clinic.OpenAsync(Role.Radiologist);
        await reader.GotoAsync("/");
        var study = await Clinic.UploadAsync(reader, Films.Png("audited.png", Films.Phantom(510)), "E2E-AUDITED");
        await Clinic.OpenStudyAsync(reader, study);
        await reader.GotoAsync("/admin/accounts");
        var page = await clinic.OpenAsync(Role.Admin);
        await page.GotoAsync("/admin/audit");

        await page.GetByRole(AriaRole.Searchbox).FillAsync("radiologist");
        await page.Keyboard.PressAsync("Enter");
        foreach (var (action, outcome) in new[] { ("StudyUpload", "succeeded"), ("StudyView", "succeeded"), ("AccessRefused", "refused") })
        {
            await page.GetByLabel("Action").SelectOptionAsync(action);
            await Expect(page.Locator("tbody tr").First).ToContainTextAsync(outcome);
        }

        await Look.CheckAsync(page, "audit");
        await page.GotoAsync("/admin/system");
        await Expect(page.GetByText("ONNX Runtime")).ToBeVisibleAsync();
        await Look.CheckAsync(page, "system");
        await page.GotoAsync("/");
        await Expect(page.GetByText("only where a network is trained on them")).ToBeVisibleAsync();
        await Look.CheckAsync(page, "admin-start");
        // The log may hold a study's id, never a patient's number or a file's name.
        await using (var log = new FileStream(clinic.Program.LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
        using (var text = new StreamReader(log))
        {
            var written = await text.ReadToEndAsync(TestContext.Current.CancellationToken);
            Assert.Contains("Application started", written, StringComparison.Ordinal);
            Assert.DoesNotContain("E2E-", written, StringComparison.Ordinal);
            Assert.DoesNotContain(".png", written, StringComparison.Ordinal);
        }

        await page.Context.CloseAsync();
        await reader.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }
}

using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests;

[Collection(nameof(Clinic))]
public sealed class AgreementTests(Clinic clinic)
{
    [Fact]
    public async Task Agreement_OfAReading_LeadsToItsStudyAndTakesItsReference()
    {
        Clinic.NeedBrowser();
        var (lead, reader) = (await clinic.OpenAsync(Role.DepartmentLead), await clinic.OpenAsync(Role.Radiologist));
        await reader.GotoAsync("/");
        var study = await Clinic.UploadAsync(reader, Films.Png("agreement.png", Films.Phantom(504)), "E2E-AGREE");
        await clinic.WaitForResultAsync(study);
        await ReadAsync(reader, study);

        await lead.GotoAsync("/agreement");
        await Expect(lead.Locator("section.pair")).ToHaveCountAsync(6);
        await Expect(lead.Locator("#main")).Not.ToContainTextAsync("NaN");
        await Look.CheckAsync(lead, "agreement");
        await lead.GetByRole(AriaRole.Link, new() { NameRegex = new("^[0-9,]+ readings?$") }).ClickAsync();
        var row = lead.GetByRole(AriaRole.Row).Filter(new() { HasText = "E2E-AGREE" });
        await Expect(row).ToContainTextAsync("COVID-19");
        await Look.CheckAsync(lead, "agreement-studies");

        await row.GetByRole(AriaRole.Link, new() { Name = "enter" }).ClickAsync();
        await Expect(lead.GetByLabel("Study id")).ToHaveValueAsync(study.ToString());
        await lead.GetByLabel("Result").SelectOptionAsync("Negative");
        await lead.GetByLabel("Found on").FillAsync("2026-01-05");
        await lead.GetByRole(AriaRole.Button, new() { Name = "Record" }).ClickAsync();
        await Expect(lead.GetByText("Recorded.")).ToBeVisibleAsync();
        await Look.CheckAsync(lead, "agreement-references");
        await using (var db = clinic.Program.OpenDatabase())
        {
            Assert.Equal(ReferenceResult.Negative, (await db.ReferenceFindings.SingleAsync(f => f.StudyId == study)).Result);
        }

        // The reader called it COVID-19 before the model: the cell of the false alarms opens it.
        await lead.GotoAsync("/agreement/studies?first=Blind&second=Reference&cell=1");
        await Expect(row).ToContainTextAsync("negative");
        var export = await (await lead.APIRequest.GetAsync("/agreement/export.csv")).TextAsync();
        Assert.Contains("Decision support, not a diagnosis.", export, StringComparison.Ordinal);
        Assert.Contains($"{study},E2E-AGREE,radiologist@demo.local", export, StringComparison.Ordinal);
        await reader.GotoAsync("/agreement");
        await Expect(reader.GetByText("Your own readings alone")).ToBeVisibleAsync();
        await lead.Context.CloseAsync();
        await reader.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    static async Task ReadAsync(IPage reader, Guid study)
    {
        await Clinic.OpenStudyAsync(reader, study);
        await Expect(reader.Locator(".study")).ToHaveAttributeAsync("data-stage", "Blind");
        await reader.Keyboard.PressAsync("1");
        await reader.Keyboard.PressAsync("Shift+4");
        await reader.Keyboard.PressAsync("Enter");
        await Expect(reader.Locator(".study")).ToHaveAttributeAsync("data-stage", "Final");
        await reader.Keyboard.PressAsync("Enter");
        await Expect(reader.Locator(".study")).ToHaveAttributeAsync("data-stage", "None");
    }
}

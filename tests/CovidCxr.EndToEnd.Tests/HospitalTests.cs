using System.Diagnostics;
using System.Globalization;
using CovidCxr.Domain.Accounts;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests;

/// <summary>A modality sends, a radiologist reads, and the archive gets the results; dcmtk's programs are both peers.</summary>
[Collection(nameof(Clinic))]
public sealed class HospitalTests(Clinic clinic)
{
    const string Modality = "CR1", Archive = "ARCHIVE", Tools = "/usr/bin";

    [Fact]
    public async Task Film_SentByAModality_IsRead_AndItsResultsReachTheArchive()
    {
        Clinic.NeedBrowser();
        Assert.SkipUnless(File.Exists($"{Tools}/storescp"), "No dcmtk here: apt-get install dcmtk.");
        var (receiving, storing) = (FreePort.Find(), FreePort.Find());
        var folder = Directory.CreateTempSubdirectory("covidcxr-e2e-dicom-").FullName;
        var stored = Directory.CreateDirectory(Path.Combine(folder, "archive")).FullName;
        using var archive = Process.Start($"{Tools}/storescp", ["-q", "-aet", Archive, "-od", stored, $"{storing}"]);
        try
        {
            await using var program = await RunningProgram.StartAsync("hospital", new()
            {
                ["Models__StarterFile"] = clinic.ModelFile("Stand-in A", seed: 1, side: 64),
                ["Hospital__Receive"] = "true",
                ["Hospital__Port"] = $"{receiving}",
                ["Hospital__Peers__0__AeTitle"] = Modality,
                ["Hospital__Peers__0__Host"] = "127.0.0.1",
                ["Hospital__Peers__1__AeTitle"] = Archive,
                ["Hospital__Peers__1__Host"] = "127.0.0.1",
                ["Hospital__Peers__1__Port"] = $"{storing}",
                ["Hospital__Destinations__0__Name"] = Archive,
                ["Hospital__Destinations__0__AeTitle"] = Archive,
                ["Hospital__Destinations__0__Host"] = "127.0.0.1",
                ["Hospital__Destinations__0__Port"] = $"{storing}",
                ["Hospital__Destinations__0__Send"] = "true",
            });
            var administrator = await clinic.OpenAsync(program.Address);
            await Clinic.SignInAsync(administrator, Role.Admin);
            await administrator.GotoAsync("/admin/hospital/results");
            await Expect(administrator.GetByText("Nothing was sent yet.")).ToBeVisibleAsync();
            await Look.CheckAsync(administrator, "results-empty");

            await SendAsync(receiving, Path.Combine(folder, "1.dcm"), Dicom(1, "F"));
            // The same number with another sex is a question.
            await SendAsync(receiving, Path.Combine(folder, "2.dcm"), Dicom(2, "M"));
            await administrator.GotoAsync("/admin/hospital");
            await Expect(administrator.Locator("[data-test=counts]")).ToContainTextAsync("1 ● filed · 1 ⚠ question");
            await administrator.GetByRole(AriaRole.Button, new() { Name = $"C-ECHO to {Archive}" }).ClickAsync();
            await Expect(administrator.Locator("td [role=status]").Filter(new() { HasText = "answered" })).ToBeVisibleAsync();
            await Look.CheckAsync(administrator, "hospital");
            await administrator.GetByRole(AriaRole.Button, new() { Name = "File as sent" }).ClickAsync();
            await Expect(administrator.Locator("[data-test=counts]")).ToContainTextAsync("2 ● filed");

            var reader = await clinic.OpenAsync(program.Address);
            await Clinic.SignInAsync(reader, Role.Radiologist);
            await reader.GotoAsync("/?text=E2E-DICOM");
            await Expect(reader.Locator(".worklist tbody tr").Filter(new() { HasText = "● ready" })).ToHaveCountAsync(2);
            Assert.Empty(Directory.GetFiles(stored));
            await Clinic.OpenStudyAsync(reader, await StudyAsync(program));
            await reader.Keyboard.PressAsync("1");
            await reader.Keyboard.PressAsync("Shift+4");
            await reader.Keyboard.PressAsync("Enter");
            await Expect(reader.Locator(".study")).ToHaveAttributeAsync("data-stage", "Final");
            await reader.Keyboard.PressAsync("a");
            await reader.Keyboard.PressAsync("Enter");
            await Expect(reader.GetByText("Saved.")).ToBeVisibleAsync();

            await administrator.GotoAsync("/admin/hospital/results");
            // The destination's line counts as well.
            var delivered = administrator.Locator("td").GetByText("● delivered", new() { Exact = true });
            for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromMinutes(2) && await delivered.CountAsync() < 2;)
            {
                await administrator.GetByRole(AriaRole.Button, new() { Name = "Look again" }).ClickAsync();
                await administrator.WaitForTimeoutAsync(500);
            }

            await Expect(administrator.Locator("tr").Filter(new() { HasText = "report" }).GetByText("● delivered").First)
                .ToBeVisibleAsync();
            await Expect(administrator.Locator("tr").Filter(new() { HasText = "picture" }).GetByText("● delivered").First)
                .ToBeVisibleAsync();
            await Look.CheckAsync(administrator, "results");
            Assert.Contains(Directory.GetFiles(stored), f => Path.GetFileName(f).StartsWith("SC", StringComparison.Ordinal));
            Assert.Contains(Directory.GetFiles(stored), f => Path.GetFileName(f).StartsWith("SR", StringComparison.Ordinal));

            await administrator.GetByRole(AriaRole.Button, new() { Name = $"Stop sending to {Archive}" }).ClickAsync();
            await Expect(administrator.GetByText("✕ stopped")).ToBeVisibleAsync();
            await reader.Context.CloseAsync();
            await administrator.Context.CloseAsync();
        }
        finally
        {
            archive.Kill();
            Directory.Delete(folder, recursive: true);
        }
    }

    static byte[] Dicom(int number, string sex) => DicomFilm.Write(
        Films.Phantom(950 + number), (0x0008_0018, "UI", $"1.2.826.0.1.3680043.10.999.{number}"), (0x0008_0060, "CS", "CR"),
        (0x0008_0050, "SH", $"A{number}"), (0x0010_0020, "LO", "E2E-DICOM"), (0x0010_0030, "DA", "19600101"), (0x0010_0040, "CS", sex),
        (0x0018_0015, "CS", "CHEST"), (0x0018_5101, "CS", "PA"), (0x0020_000D, "UI", $"1.2.826.0.1.3680043.10.999.1.{number}"),
        (0x0020_000E, "UI", $"1.2.826.0.1.3680043.10.999.2.{number}"));

    static async Task<Guid> StudyAsync(RunningProgram program)
    {
        await using var db = program.OpenDatabase();
        return await db.Studies.Where(s => s.AccessionNumber == "A1").Select(s => s.Id).SingleAsync();
    }

    static async Task SendAsync(int port, string file, byte[] content)
    {
        await File.WriteAllBytesAsync(file, content);
        using var modality = Process.Start(
            $"{Tools}/storescu",
            [
                "-ta", "60", "-td", "120", "-aet", Modality, "-aec", "COVIDCXR", "127.0.0.1",
                port.ToString(CultureInfo.InvariantCulture), file,
            ]);
        await modality.WaitForExitAsync();
        Assert.Equal(0, modality.ExitCode);
    }
}

using System.IO.Compression;
using System.Text;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests.Media;

/// <summary>Films that come on a CD, and films that leave without their patients' names.</summary>
[Collection(nameof(Clinic))]
public sealed class MediumTests(Clinic clinic)
{
    // As a browser hands over a folder that was dropped.
    const string DropFolder =
        """
        files => {
          const entry = (name, path, children) => ({
            isFile: !children, isDirectory: !!children, name, fullPath: path,
            file: done => done(new File([Uint8Array.from(atob(files[path]), c => c.charCodeAt(0))], name)),
            createReader: () => ({ readEntries: done => done(children?.splice(0) ?? []) }),
          });
          const all = Object.keys(files).map(path => entry(path.split('/').at(-1), path));
          const item = { webkitGetAsEntry: () => entry('disc', '/disc', all) };
          const event = new Event('drop', { bubbles: true, cancelable: true });
          event.dataTransfer = { types: ['Files'], files: [], items: [item] };
          document.body.dispatchEvent(event);
        }
        """;

    static byte[] Film(int seed, string patient, string view, string study, params (uint, string, string)[] facts) => DicomFilm.Write(
        Films.Phantom(seed),
        [
            (0x0008_0018, "UI", $"2.25.{seed}"), (0x0008_0020, "DA", "20260227"), (0x0008_0060, "CS", "CR"),
            (0x0010_0010, "PN", "Doe^Jane"), (0x0010_0020, "LO", patient), (0x0010_0030, "DA", "19650301"), (0x0010_0040, "CS", "F"),
            (0x0018_5101, "CS", view), (0x0020_000D, "UI", study), (0x0020_000E, "UI", $"{study}.1"), .. facts,
        ]);

    // A CD as they are: small letters on the disc, a film that is scratched away, another program's files, a CT, and a wrong directory.
    static Dictionary<string, byte[]> Disc() => new()
    {
        ["DICOMDIR"] = DicomMedium.Write(
            DicomMedium.Patient("E2E-CD"), DicomMedium.Study("20260227"), DicomMedium.Series("CR"), DicomMedium.Image(@"IMAGES\CR0001"),
            DicomMedium.Image(@"IMAGES\CR0002"), DicomMedium.Image(@"IMAGES\CR0009"), DicomMedium.Image(@"..\..\ETC\PASSWD"),
            DicomMedium.Image(@"IMAGES\CR0003"), DicomMedium.Series("CT"), DicomMedium.Image(@"IMAGES\CT0001", DicomMedium.Tomography)),
        ["images/cr0001.;1"] = Film(361, "E2E-CD", "PA", "2.25.3611"),
        ["images/cr0002"] = Film(362, "E2E-CD", "LL", "2.25.3611"),
        ["images/cr0003"] = Film(363, "E2E-OTHER", "PA", "2.25.3631", (0x0018_0015, "CS", "HAND")),
        ["images/ct0001"] = Encoding.ASCII.GetBytes("no CT, and nobody looks"),
        ["viewer.exe"] = Encoding.ASCII.GetBytes("MZ"),
    };

    [Fact]
    public async Task Films_ComeFromACdByTheirDirectory_AndLeaveWithoutNames()
    {
        Clinic.NeedBrowser();
        var disc = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()));
        foreach (var (path, bytes) in Disc())
        {
            var file = Path.Combine(disc.FullName, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllBytesAsync(file, bytes);
        }

        var page = await clinic.OpenAsync(Role.Radiologist);
        await page.GotoAsync("/");
        await Expect(page.Locator("a.row").First).ToBeVisibleAsync();
        await page.Locator("[data-upload-folder]").SetInputFilesAsync(disc.FullName);

        var medium = page.Locator(".tray .medium");
        var films = medium.Locator("label");
        await Expect(films.Nth(0)).ToContainTextAsync("E2E-CD · 2026-02-27 · PA · CR");
        await Expect(films.Nth(1)).ToContainTextAsync("E2E-CD · 2026-02-27 · Lateral · CR");
        await Expect(films.Nth(2)).ToContainTextAsync("the directory names another patient");
        await Expect(films.Nth(2)).ToContainTextAsync("HAND");
        await Expect(films.Nth(2).Locator("input")).Not.ToBeCheckedAsync();
        await Expect(films.Nth(3)).ToContainTextAsync("also the 2 other files");
        await Expect(medium).ToContainTextAsync("IMAGES/CR0009 is not here");
        await Expect(medium).ToContainTextAsync("the directory names no place");
        await Expect(medium).ToContainTextAsync("1 × a CT image");
        await Look.CheckAsync(page, "worklist-medium");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send 2" }).ClickAsync();

        // The same question as of any DICOM file, and the same visit.
        await Expect(page.Locator(".tray button[data-answer=Store]")).ToHaveCountAsync(2);
        await page.Locator(".tray button[data-answer=Store]").First.ClickAsync();
        await Expect(page.Locator(".tray button[data-answer=Store]")).ToHaveCountAsync(1);
        await Expect(page.Locator(".tray .fate", new() { HasTextString = "✓" })).ToHaveCountAsync(1);
        await page.Locator(".tray button[data-answer=Store]").ClickAsync();
        await Expect(page.Locator(".tray .fate", new() { HasTextString = "✓" })).ToHaveCountAsync(2);
        await Expect(page.Locator(".tray")).ToContainTextAsync("2 of 2 done");
        await page.Context.CloseAsync();
        disc.Delete(recursive: true);

        await ExportAsync();
        Assert.Empty(clinic.Complaints);
    }

    async Task ExportAsync()
    {
        var page = await clinic.OpenAsync(Role.DepartmentLead);
        await page.GotoAsync("/?text=E2E-CD");
        var row = page.Locator(".worklist tbody tr");
        await Expect(row).ToHaveCountAsync(1);
        await Expect(row).ToContainTextAsync("+1");
        await row.Locator("[data-choose]").CheckAsync();
        await page.Locator("[data-work]").ClickAsync();
        await page.Locator("[data-export]").ClickAsync();
        var dialog = page.Locator(".mud-dialog");
        await Expect(dialog).ToContainTextAsync("2 films of 1 study and 1 patient.");
        // Each bears the phantom's word.
        await Expect(dialog).ToContainTextAsync("2 films may show words");
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Export 0 films" })).ToBeDisabledAsync();
        await dialog.GetByLabel("I looked: nothing in it names anybody").First.CheckAsync();
        await dialog.GetByLabel("Why they leave, and to whom").FillAsync("A study of the university, approved.");
        await Look.CheckAsync(page, "worklist-export");

        var download = await page.RunAndWaitForDownloadAsync(
            () => dialog.GetByRole(AriaRole.Button, new() { Name = "Export 1 film" }).ClickAsync());

        using var zip = ZipFile.OpenRead(await download.PathAsync());
        Assert.Equal(5, zip.Entries.Count);
        foreach (var entry in zip.Entries)
        {
            using var content = new MemoryStream();
            await using var from = await entry.OpenAsync();
            await from.CopyToAsync(content);
            foreach (var mark in new[] { "E2E-CD", "Doe^Jane", "20260227", "2026-02-27", "19650301", "2.25.3611" })
            {
                Assert.True(content.ToArray().AsSpan().IndexOf(Encoding.ASCII.GetBytes(mark)) < 0, $"{mark} is in {entry.FullName}.");
            }
        }

        await Expect(dialog).ToContainTextAsync("The download has begun");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        await using var db = clinic.Program.OpenDatabase();
        Assert.Contains(
            "2 films of 1 studies and 1 patients asked for, 1 with possible text confirmed: A study of the university, approved.",
            await db.Audit.Where(a => a.Action == AuditAction.FilmExport).Select(a => a.Detail).ToListAsync());
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Cd_WithADamagedDirectory_SaysSoAndItsFilmsComeAllTheSame()
    {
        Clinic.NeedBrowser();
        var page = await clinic.OpenAsync(Role.Radiologist);
        await page.GotoAsync("/");
        await Expect(page.Locator("a.row").First).ToBeVisibleAsync();
        Dictionary<string, byte[]> disc = new()
        {
            ["/disc/DICOMDIR"] = Encoding.ASCII.GetBytes("scratched"),
            ["/disc/film"] = Film(365, "E2E-SCRATCHED", "PA", "2.25.3651"),
        };

        await page.EvaluateAsync(DropFolder, disc.ToDictionary(f => f.Key, f => Convert.ToBase64String(f.Value)));

        await Expect(page.Locator(".tray .medium")).ToContainTextAsync("is damaged, or no directory of a medium");
        await Look.CheckAsync(page, "worklist-scratched");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send all 1" }).ClickAsync();
        await page.Locator(".tray button[data-answer=Store]").ClickAsync();
        await Expect(page.Locator(".tray .fate", new() { HasTextString = "✓ stored" })).ToHaveCountAsync(1);
        await page.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }
}

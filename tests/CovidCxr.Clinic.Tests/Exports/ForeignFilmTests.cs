using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using CovidCxr.Clinic.Exports;
using CovidCxr.Clinic.Studies;
using CovidCxr.Testing;

namespace CovidCxr.Clinic.Tests.Exports;

/// <summary>What leaves, as other programs read it, from a film in which pydicom has marked every attribute that it knows.</summary>
public sealed class ForeignFilmTests
{
    const string Python = "/usr/bin/python3", Validator = "/usr/bin/dciodvfy";

    // Text, dates, numbers, UIDs and sequences of all standard attributes, private ones, and the meta group; the marks go to a file.
    const string Mark = """
        import datetime, sys, warnings
        warnings.simplefilter("ignore")
        import pydicom
        from pydicom.datadict import DicomDictionary
        from pydicom.dataset import Dataset, FileMetaDataset
        source, marks = pydicom.dcmread(sys.argv[1]), []
        kept = {0x00080005, 0x00080016, 0x00080060, 0x00185101, 0x00100040, 0x00101010, 0x00180015, 0x20500020, 0x00080068}
        def mark(form):
            marks.append(form.format(len(marks) + 10000))
            return marks[-1]
        day = datetime.date(1850, 1, 1)
        for tag, (vr, vm, name, retired, keyword) in sorted(DicomDictionary.items()):
            if tag in kept or tag >> 16 in (0x0000, 0x0002, 0x0004, 0x0028, 0x7FE0, 0xFFFA, 0xFFFC, 0xFFFE) or not keyword:
                continue
            day += datetime.timedelta(days=1)
            item = Dataset()
            if vr == "SQ":
                item.CodeMeaning = mark("ZQ{}QZ")
            value = {
                "DA": lambda: marks.append(day.strftime("%Y%m%d")) or marks[-1], "TM": lambda: mark("134559.{:06d}"),
                "DT": lambda: mark("18010101134559.{:06d}"), "UI": lambda: mark("1.2.840.99999.{}.7"), "DS": lambda: mark("77{}.625"),
                "IS": lambda: mark("77{}99"), "SQ": lambda: [item],
            }.get(vr, (lambda: mark("ZQ{}QZ")) if vr in "AE AS CS LO LT PN SH ST UC UR UT".split() else None)
            if value and vr != "AS":
                source.add_new(tag, vr, value())
        block = source.private_block(0x0099, mark("ZQ{}QZ"), create=True)
        block.add_new(1, "LO", mark("ZQ{}QZ"))
        nested = Dataset()
        nested.PatientName = mark("ZQ{}QZ")
        block.add_new(2, "SQ", [nested])
        source.file_meta.SourceApplicationEntityTitle = mark("ZQ{}QZ")
        source.file_meta.PrivateInformationCreatorUID = mark("1.2.840.99999.{}.7")
        source.file_meta.PrivateInformation = mark("ZQ{}QZ").encode()
        source.preamble = mark("ZQ{}QZ").encode().ljust(128, b"\0")
        source.save_as(sys.argv[2], write_like_original=False)
        open(sys.argv[3], "w").write("\n".join(marks))
        """;

    const string Read = """
        import sys
        import pydicom
        film = pydicom.dcmread(sys.argv[1])
        known = [e.tag for e in film.iterall() if e.tag.is_private]
        assert film.PatientName == film.PatientID and film.StudyID == "" and film.PatientBirthDate == "" and known == []
        codes = [c.CodeValue for c in film.DeidentificationMethodCodeSequence]
        pixels = film.pixel_array
        print(film.PatientIdentityRemoved, codes, pixels.dtype, pixels.shape, film.LongitudinalTemporalInformationModified)
        """;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (words, errors) = (
            process.StandardOutput.ReadToEndAsync(Cancellation), process.StandardError.ReadToEndAsync(Cancellation));
        await process.WaitForExitAsync(Cancellation);
        return await words + await errors;
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Export_OfAFilmWithEveryAttributeMarked_HoldsNoMarkAndIsRightToPydicomAndDciodvfy()
    {
        Assert.SkipUnless(
            File.Exists(Python) && (await RunAsync(Python, "-c", "import pydicom, numpy")).Length == 0,
            "No pydicom here: apt-get install python3-pydicom python3-numpy.");
        await using var clinic = new TestClinic();
        string Place(string name) => Path.Combine(clinic.Folder.Data.Root, name);
        await File.WriteAllBytesAsync(Place("film"), MarkedFilm.Draw(1, "P-MARK-1", "20260201").File, Cancellation);
        Assert.Equal("", await RunAsync(Python, "-c", Mark, Place("film"), Place("marked"), Place("marks")));
        var marks = await File.ReadAllLinesAsync(Place("marks"), Cancellation);
        Assert.InRange(marks.Length, 3000, 10_000);
        var marked = await File.ReadAllBytesAsync(Place("marked"), Cancellation);
        Assert.All(marks, m => Assert.True(marked.AsSpan().IndexOf(Encoding.ASCII.GetBytes(m)) >= 0, m));

        var study = Assert.IsType<ImportStudyResult.Imported>(await clinic.Get<ImportStudy>().RunAsync(
            marked, new(), TestClinic.Reader, Cancellation, HeaderAnswer.File, isConfirmed: true)).StudyId;
        // The file says of itself that text is burnt in, or something like it.
        var plan = (await clinic.Get<PlanFilmExport>().RunAsync([study], TestClinic.Lead, Cancellation))!;
        var ready = Assert.IsType<FilmExportResult.Ready>(await clinic.Get<ExportFilms>().RunAsync(
            new([study], [.. plan.Doubted.Select(f => f.Pixels)], "To be sure.", plan.Digest), TestClinic.Lead, Cancellation));
        using var stream = new MemoryStream();
        await ready.WriteAsync(stream, Cancellation);

        await using var zip = new ZipArchive(stream);
        await zip.ExtractToDirectoryAsync(Place("out"), Cancellation);
        foreach (var file in Directory.GetFiles(Place("out"), "*", SearchOption.AllDirectories))
        {
            var bytes = await File.ReadAllBytesAsync(file, Cancellation);
            Assert.All(marks, m => Assert.True(bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(m)) < 0, $"{m} in {file}"));
        }

        var film = Assert.Single(Directory.GetFiles(Path.Combine(Place("out"), "dicom")));
        Assert.Equal(
            "YES ['113100', '113107', '113108'] uint16 (96, 96) MODIFIED", (await RunAsync(Python, "-c", Read, film)).Trim());
        Assert.SkipUnless(File.Exists(Validator), "No dciodvfy here: apt-get install dicom3tools.");
        Assert.DoesNotContain(
            (await RunAsync(Validator, film)).Split('\n'), l => l.StartsWith("Error", StringComparison.Ordinal));
    }
}

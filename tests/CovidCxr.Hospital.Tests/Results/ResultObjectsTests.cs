using System.Diagnostics;
using System.Globalization;
using System.Text;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Readings;
using CovidCxr.Hospital.Results;
using CovidCxr.Imaging.Dicom;
using CovidCxr.Testing;

namespace CovidCxr.Hospital.Tests.Results;

/// <summary>What is sent, before anybody sends it.</summary>
[Trait("Speed", "Slow")]
public sealed class ResultObjectsTests
{
    const string Validator = "/usr/bin/dciodvfy", SrValidator = "/usr/bin/DicomSRValidator", Python = "/usr/bin/python3";

    const uint SeriesDescription = 0x0008_103E, PatientName = 0x0010_0010, PatientId = 0x0010_0020, Accession = 0x0008_0050,
        StudyUid = 0x0020_000D, Verification = 0x0040_A493;

    /// <summary>COVIDCXR_OBJECTS=500 makes and validates so many.</summary>
    static readonly int? Objects =
        Environment.GetEnvironmentVariable("COVIDCXR_OBJECTS") is { } objects ? int.Parse(objects, CultureInfo.InvariantCulture) : null;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static readonly ResultKind[] Kinds = [ResultKind.Picture, ResultKind.Report, ResultKind.KeyObjects];

    static byte[] Make(int number, ResultKind kind)
    {
        var (result, image) = Answers.Make(number);
        return kind switch
        {
            ResultKind.Report => StructuredReport.Make(result),
            ResultKind.KeyObjects => KeyObjects.Make(result),
            _ => SecondaryCapture.Make(result, image),
        };
    }

    static DicomObject Read(byte[] file) => DicomObject.Read(file, 1 << 26)!;

    static string Text(DicomObject sent, uint tag) => Encoding.ASCII.GetString(sent.Value(tag)).Trim(' ', '\0');

    [Fact]
    public void Objects_HaveThePatientOfTheFilm_ByteForByte()
    {
        foreach (var number in Enumerable.Range(1, 8))
        {
            var film = Read(Answers.Film(number));
            foreach (var sent in Kinds.Select(k => Read(Make(number, k))))
            {
                Assert.All(
                    new[] { PatientName, PatientId, Accession, StudyUid, 0x0008_0005u, 0x0010_0021u, 0x0020_0010u },
                    tag => Assert.Equal(film.Value(tag), sent.Value(tag)));
                Assert.NotEqual(film.Header.SeriesUid, sent.Header.SeriesUid);
            }
        }
    }

    [Fact]
    public void Objects_SayWhatSpeaksAgainstTheModel()
    {
        const uint Rows = 0x0028_0010;
        var (result, image) = Answers.Make(8);
        var silent = result with { Answer = result.Answer with { Warning = null } };
        var words = Encoding.UTF8.GetBytes($"Warning: {Answers.ModelSaid}");

        Assert.True(StructuredReport.Make(result).AsSpan().IndexOf(words) > 0);
        Assert.Equal(-1, StructuredReport.Make(silent).AsSpan().IndexOf("Warning"u8));
        // In the picture's pixels: it is higher by lines.
        int Height(StudyResult of) => BitConverter.ToUInt16(Read(SecondaryCapture.Make(of, image)).Value(Rows));
        Assert.InRange(Height(result) - Height(silent), 3 * 8, 200);
    }

    [Fact]
    public void Objects_AreTheSameEachTime_AndOthersInEachVersion()
    {
        Assert.All(Kinds, k => Assert.Equal(Make(7, k), Make(7, k)));
        var (result, _) = Answers.Make(7);
        string[] names =
        [
            SecondaryCapture.What, StructuredReport.What, KeyObjects.What, "picture series", "report series", "key objects series",
        ];
        var uids = names.SelectMany(n => new[] { result.UidOf(n), (result with { Version = 9 }).UidOf(n) }).ToList();

        Assert.Equal(12, uids.Distinct().Count());
        Assert.All(uids, u => Assert.Matches(@"^2\.25\.[1-9][0-9]{0,38}$", u));
    }

    [Theory]
    [InlineData(Assessment.NotRead, "AI: COVID-19 0.90 (>= 0.47), not read yet")]
    [InlineData(Assessment.Agreed, "AI: COVID-19 0.90 (>= 0.47), reader agreed")]
    [InlineData(Assessment.Changed, "AI: COVID-19 0.90 (>= 0.47), reader changed to agree")]
    [InlineData(Assessment.Rejected, "AI: COVID-19 0.90 (>= 0.47), reader rejected")]
    public void SeriesDescription_SaysTheVerdictAndWhatTheReaderMadeOfIt(Assessment assessment, string expected)
    {
        var (result, image) = Answers.Make(9);
        result = result with { Answer = result.Answer with { Assessment = assessment } };

        Assert.Equal(expected, Text(Read(SecondaryCapture.Make(result, image)), SeriesDescription));
        var report = Read(StructuredReport.Make(result));
        Assert.Equal((expected, "UNVERIFIED"), (Text(report, SeriesDescription), Text(report, Verification)));
    }

    [Fact]
    public void SeriesDescription_OfALongClass_FitsItsAttribute()
    {
        var (result, _) = Answers.Make(2);
        var (answer, prediction) = (result.Answer, result.Prediction);
        var other = Answers.Prediction(prediction.StudyId, prediction.ModelVersionId, 0.1, prediction.CreatedAt);
        var renamed = result with
        {
            Answer = answer with
            {
                Prediction = new()
                {
                    StudyId = other.StudyId,
                    ModelVersionId = other.ModelVersionId,
                    Classes = ["None", "A disease\\with a näme of more letters than any list has room for, and then some more"],
                    Probabilities = other.Probabilities,
                    PositiveIndex = 1,
                    Threshold = 0.47,
                    Device = "cpu",
                    HeatMaps = other.HeatMaps,
                },
                Assessment = Assessment.Changed,
            },
        };

        Assert.Equal("AI: no A disease?with a 0.10 (< 0.47), reader changed to agree", renamed.SeriesDescription);
        Assert.InRange(renamed.SeriesDescription.Length, 1, 64);
    }

    [Fact]
    public async Task Objects_HaveNoErrors_ByDciodvfy()
    {
        Assert.SkipUnless(File.Exists(Validator), "No dciodvfy here: apt-get install dicom3tools.");
        using var folder = new TestFolder();
        List<string> errors = [];
        for (var i = 0; i < (Objects ?? 60); i++)
        {
            var path = Path.Combine(folder.Data.Root, $"{i}.dcm");
            await File.WriteAllBytesAsync(path, Make(1 + (i / 3), Kinds[i % 3]), Cancellation);
            var words = await RunAsync(Validator, path);
            errors.AddRange(words.Split('\n').Where(l => l.StartsWith("Error", StringComparison.Ordinal)).Select(l => $"{i}: {l}"));
        }

        Assert.Empty(errors);
    }

    [Fact]
    public async Task Objects_AreReadByPydicom()
    {
        Assert.SkipUnless(File.Exists(Python) && (await RunAsync(Python, "-c", "import pydicom")).Length == 0, "No pydicom here.");
        using var folder = new TestFolder();
        foreach (var number in new[] { 8, 9 })
        {
            await File.WriteAllBytesAsync(Path.Combine(folder.Data.Root, "picture"), Make(number, ResultKind.Picture), Cancellation);
            await File.WriteAllBytesAsync(Path.Combine(folder.Data.Root, "report"), Make(number, ResultKind.Report), Cancellation);
            await File.WriteAllBytesAsync(Path.Combine(folder.Data.Root, "keys"), Make(number, ResultKind.KeyObjects), Cancellation);
            var said = await RunAsync(Python, "-c", $"""
                import pydicom
                p, r, k = (pydicom.dcmread('{folder.Data.Root}/' + n) for n in ('picture', 'report', 'keys'))
                assert p.Rows * p.Columns * 3 == len(p.PixelData), 'pixels'
                def walk(i):
                    for c in i.get('ContentSequence', []):
                        yield c
                        yield from walk(c)
                numbers = [float(c.MeasuredValueSequence[0].NumericValue) for c in walk(r) if c.ValueType == 'NUM']
                keys = [c.ReferencedSOPSequence[0].ReferencedSOPInstanceUID for c in walk(k) if c.ValueType == 'IMAGE']
                shown = [c.ReferencedSOPSequence[0].ReferencedSOPInstanceUID for c in walk(r) if c.ValueType == 'IMAGE']
                assert len(keys) == 2 and keys == shown[:2] and keys[1] == p.SOPInstanceUID, 'key objects'
                series = k.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence
                assert keys == [s.ReferencedSOPSequence[0].ReferencedSOPInstanceUID for s in series], 'evidence'
                assert len(dict.fromkeys(int(d.SeriesNumber) for d in (p, r, k))) == 3, 'series numbers'
                print(p.PatientID, p.BurnedInAnnotation, numbers[:2])
                """);

            Assert.Equal($"P-{number} YES [{(number == 8 ? "0.8" : "0.9")}, 0.47]", said.Trim());
        }
    }

    [Theory]
    [InlineData(ResultKind.Report, "TID_1500")]
    [InlineData(ResultKind.KeyObjects, "TID_2010")]
    public async Task Document_IsOfItsTemplate_ByPixelMed(ResultKind kind, string template)
    {
        Assert.SkipUnless(File.Exists(SrValidator), "No DicomSRValidator here: apt-get install pixelmed-apps.");
        using var folder = new TestFolder();
        var path = Path.Combine(folder.Data.Root, "report");
        foreach (var number in Objects is { } objects ? Enumerable.Range(1, objects / 2) : [8])
        {
            await File.WriteAllBytesAsync(path, Make(number, kind), Cancellation);
            var words = await RunAsync(SrValidator, path);

            Assert.Contains($"Found Root Template {template}", words, StringComparison.Ordinal);
            Assert.Contains("IOD validation complete", words, StringComparison.Ordinal);
            Assert.DoesNotContain("Error", words, StringComparison.Ordinal);
        }
    }

    static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        // Java's XPath would give up on a report of this size.
        start.Environment["JAVA_TOOL_OPTIONS"] =
            "-Djdk.xml.xpathTotalOpLimit=0 -Djdk.xml.xpathExprOpLimit=0 -Djdk.xml.xpathExprGrpLimit=0";
        using var process = Process.Start(start)!;
        var words = process.StandardError.ReadToEndAsync(Cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return output + await words;
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text;
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

    static byte[] Make(int number, bool isReport)
    {
        var (result, image) = Answers.Make(number);
        return isReport ? StructuredReport.Make(result) : SecondaryCapture.Make(result, image);
    }

    static DicomObject Read(byte[] file) => DicomObject.Read(file, 1 << 26)!;

    static string Text(DicomObject sent, uint tag) => Encoding.ASCII.GetString(sent.Value(tag)).Trim(' ', '\0');

    [Fact]
    public void Objects_HaveThePatientOfTheFilm_ByteForByte()
    {
        foreach (var number in Enumerable.Range(1, 8))
        {
            var film = Read(Answers.Film(number));
            foreach (var sent in new[] { Read(Make(number, false)), Read(Make(number, true)) })
            {
                Assert.All(
                    new[] { PatientName, PatientId, Accession, StudyUid, 0x0008_0005u, 0x0010_0021u, 0x0020_0010u },
                    tag => Assert.Equal(film.Value(tag), sent.Value(tag)));
                Assert.NotEqual(film.Header.SeriesUid, sent.Header.SeriesUid);
            }
        }
    }

    [Fact]
    public void Objects_AreTheSameEachTime_AndOthersInEachVersion()
    {
        Assert.Equal(Make(7, false), Make(7, false));
        Assert.Equal(Make(7, true), Make(7, true));
        var (result, _) = Answers.Make(7);
        string[] names = [SecondaryCapture.What, StructuredReport.What, "picture series", "report series"];
        var uids = names.SelectMany(n => new[] { result.UidOf(n), (result with { Version = 9 }).UidOf(n) }).ToList();

        Assert.Equal(8, uids.Distinct().Count());
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
        for (var i = 0; i < (Objects ?? 40); i++)
        {
            var path = Path.Combine(folder.Data.Root, $"{i}.dcm");
            await File.WriteAllBytesAsync(path, Make(1 + (i / 2), i % 2 == 1), Cancellation);
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
            await File.WriteAllBytesAsync(Path.Combine(folder.Data.Root, "picture"), Make(number, false), Cancellation);
            await File.WriteAllBytesAsync(Path.Combine(folder.Data.Root, "report"), Make(number, true), Cancellation);
            var said = await RunAsync(Python, "-c", $"""
                import pydicom
                p, r = (pydicom.dcmread('{folder.Data.Root}/' + n) for n in ('picture', 'report'))
                assert p.Rows * p.Columns * 3 == len(p.PixelData), 'pixels'
                def walk(i):
                    for c in i.get('ContentSequence', []):
                        yield c
                        yield from walk(c)
                numbers = [float(c.MeasuredValueSequence[0].NumericValue) for c in walk(r) if c.ValueType == 'NUM']
                print(p.PatientID, p.BurnedInAnnotation, numbers[:2])
                """);

            Assert.Equal($"P-{number} YES [{(number == 8 ? "0.8" : "0.9")}, 0.47]", said.Trim());
        }
    }

    [Fact]
    public async Task Report_IsTid1500_ByPixelMed()
    {
        Assert.SkipUnless(File.Exists(SrValidator), "No DicomSRValidator here: apt-get install pixelmed-apps.");
        using var folder = new TestFolder();
        var path = Path.Combine(folder.Data.Root, "report");
        foreach (var number in Objects is { } objects ? Enumerable.Range(1, objects / 2) : [8])
        {
            await File.WriteAllBytesAsync(path, Make(number, true), Cancellation);
            var words = await RunAsync(SrValidator, path);

            Assert.Contains("Found Root Template TID_1500", words, StringComparison.Ordinal);
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

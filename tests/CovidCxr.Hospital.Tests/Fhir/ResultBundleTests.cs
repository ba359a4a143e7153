using System.Globalization;
using System.Text;
using CovidCxr.Domain.Readings;
using CovidCxr.Hospital.Fhir;
using CovidCxr.Hospital.Results;
using CovidCxr.Hospital.Tests.Results;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Testing;
using Firely.Fhir.Validation;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;
using Hl7.Fhir.Specification.Source;
using Hl7.Fhir.Specification.Terminology;

namespace CovidCxr.Hospital.Tests.Fhir;

/// <summary>What is sent to a FHIR server, before anybody sends it.</summary>
[Trait("Speed", "Slow")]
public sealed class ResultBundleTests
{
    const string Numbers = FhirPeer.PatientSystem;

    // Of a header, with every sign that a search, an address, JSON or a page gives a meaning to.
    static readonly string[] Hostile =
    [
        "A|B,C$D\\x", "<script>alert(1)</script>", "\"}],\"x\":[{\"", "P 1&_method=DELETE#", "Ünïcode-漢字-🙂",
        "${jndi:x}", "'; DROP--", "../../x", "%7C%00%0d%0a", "P-1?identifier=x",
    ];

    static Bundle Read(byte[] json) => new FhirJsonDeserializer().Deserialize<Bundle>(Encoding.UTF8.GetString(json));

    static T Of<T>(Bundle bundle)
        where T : Resource => bundle.Entry.Select(e => e.Resource).OfType<T>().Single();

    static StudyResult Make(int number, Assessment assessment, bool isCorrection = false)
    {
        var (result, _) = Answers.Make(number);
        var reading = new Reading { StudyId = result.Answer.Study.Id, SupersedesId = isCorrection ? Guid.CreateVersion7() : null };
        return result with
        {
            Answer = result.Answer with { Assessment = assessment, Reading = assessment == Assessment.NotRead ? null : reading },
        };
    }

    static byte[] HostileFilm(int number) => DicomFilm.Write(
        PhantomDrawer.Draw(PhantomKind.Clear, number, size: 64, bits: 8),
        (0x0008_0005, "CS", "ISO_IR 192"), (0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.1"),
        (0x0008_0018, "UI", $"1.2.826.0.1.3680043.10.999.3.{number}"), (0x0008_0060, "CS", number % 2 == 0 ? "DX" : "A B"),
        (0x0008_0050, "SH", Hostile[(number + 3) % Hostile.Length]), (0x0010_0010, "PN", "SECRET^NAME"),
        (0x0010_0020, "LO", Hostile[number % Hostile.Length]), (0x0010_0021, "LO", Hostile[(number + 1) % Hostile.Length]),
        (0x0010_0030, "DA", "19600101"), (0x0010_0040, "CS", "F"),
        (0x0020_000D, "UI", $"1.2.826.0.1.3680043.10.999.4.{number}"), (0x0020_000E, "UI", $"1.2.826.0.1.3680043.10.999.5.{number}"));

    static StudyResult MakeHostile(int number)
    {
        var (result, _) = Answers.Make(number, HostileFilm(number));
        var (model, prediction) = (result.Answer.Model, result.Prediction);
        return result with
        {
            Answer = result.Answer with
            {
                Model = new()
                {
                    Name = Hostile[number % Hostile.Length] + "\u0001\n",
                    Architecture = model.Architecture,
                    Sha256 = model.Sha256,
                    FileKey = "m",
                    HeaderJson = "{}",
                },
                Prediction = new()
                {
                    StudyId = prediction.StudyId,
                    ModelVersionId = prediction.ModelVersionId,
                    Classes = ["None", Hostile[(number + 2) % Hostile.Length]],
                    Probabilities = [1e-300, 1],
                    PositiveIndex = 1,
                    PredictedIndex = 1,
                    Threshold = 1.0 / 3,
                    Device = "cpu",
                    HeatMaps = prediction.HeatMaps,
                },
            },
        };
    }

    [Theory]
    [InlineData(Assessment.NotRead, false, ObservationStatus.Preliminary, DiagnosticReport.DiagnosticReportStatus.Preliminary)]
    [InlineData(Assessment.Agreed, false, ObservationStatus.Final, DiagnosticReport.DiagnosticReportStatus.Final)]
    [InlineData(Assessment.Changed, false, ObservationStatus.Final, DiagnosticReport.DiagnosticReportStatus.Final)]
    [InlineData(Assessment.Rejected, true, ObservationStatus.Corrected, DiagnosticReport.DiagnosticReportStatus.Amended)]
    public void Status_IsPreliminaryUntilRead(
        Assessment assessment, bool isCorrection, ObservationStatus observation, DiagnosticReport.DiagnosticReportStatus report)
    {
        var bundle = Read(ResultBundle.Make(Make(8, assessment, isCorrection), ""));

        Assert.Equal((observation, report), (Of<Observation>(bundle).Status!.Value, Of<DiagnosticReport>(bundle).Status!.Value));
        Assert.Contains(
            Codes.Of(assessment).Value, Of<Observation>(bundle).Component.Select(c => (c.Value as CodeableConcept)?.Coding[0].Code));
        Assert.All(
            new Resource[] { Of<Observation>(bundle), Of<DiagnosticReport>(bundle) },
            r => Assert.Equal("AIAST", Assert.Single(r.Meta!.Security).Code));
    }

    [Fact]
    public void Bundle_SaysWhatTheReportByDicomSays_AndNoMoreOfThePatient()
    {
        var result = Make(8, Assessment.Agreed);
        var json = ResultBundle.Make(result, "");
        var bundle = Read(json);
        var (observation, report, study) = (Of<Observation>(bundle), Of<DiagnosticReport>(bundle), Of<ImagingStudy>(bundle));

        Assert.Equal(
            [("122157", 0.8m), ("THRESHOLD", 0.47m), ("BRIXIA", 7.75m), ("BRIXIA-LOWER", 4.5m), ("BRIXIA-UPPER", 11m)],
            observation.Component.Where(c => c.Value is Quantity)
                .Select(c => (c.Code!.Coding[0].Code!, ((Quantity)c.Value!).Value!.Value)));
        Assert.Equal(("840539006", "PRESENT"), (observation.Code!.Coding[0].Code, ((CodeableConcept)observation.Value!).Coding[0].Code));
        Assert.Equal("36554-4", report.Code!.Coding[0].Code);
        Assert.Equal(
            ["urn:oid:1.2.826.0.1.3680043.10.999.4.8", "A8"], study.Identifier.Select(i => i.Value));
        Assert.Equal("1.2.826.0.1.3680043.10.999.3.8", study.Series[0].Instance[0].Uid);
        Assert.Equal(("P-8", "HOSPITAL"), (report.Subject!.Identifier!.Value, report.Subject.Identifier.Assigner!.Display));
        Assert.Null(report.Subject.Reference);
        Assert.Equal($"urn:oid:{result.UidOf(ResultBundle.What)}", report.Identifier[0].Value);
        Assert.EndsWith($"{StudyResult.Disclaimer}. Warning: {Answers.ModelSaid}", report.Conclusion, StringComparison.Ordinal);
        Assert.Equal(report.Conclusion, Assert.Single(observation.Note).Text);
        var words = Encoding.UTF8.GetString(json);
        Assert.All(
            ["1960", "REFERRER", "ELLER", "\"F\"", "066"], part => Assert.DoesNotContain(part, words, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(bundle.Entry, e => e.Resource is Patient);
    }

    [Fact]
    public void Bundle_IsTheSameEachTime_AndItsReportAnotherInEachVersion()
    {
        var (first, second) = (Make(7, Assessment.NotRead) with { Version = 1 }, Make(7, Assessment.NotRead) with { Version = 2 });
        Assert.Equal(ResultBundle.Make(first, Numbers), ResultBundle.Make(first, Numbers));
        var (before, after) = (Read(ResultBundle.Make(first, Numbers)), Read(ResultBundle.Make(second, Numbers)));

        // The model and the study stay the ones that they were.
        Assert.Equal(
            [true, true, false, false, false],
            before.Entry.Zip(after.Entry, (a, b) => a.Request!.IfNoneExist == b.Request!.IfNoneExist));
        var (one, two) = (Of<DiagnosticReport>(before), Of<DiagnosticReport>(after));
        Assert.Equal(one.Identifier[1].Value, two.Identifier[1].Value);
        Assert.Empty(one.Extension);
        Assert.Equal(one.Identifier[0].Value, ((ResourceReference)Assert.Single(two.Extension).Value!).Identifier!.Value);
    }

    [Theory]
    [InlineData("P-4711", "Patient?identifier=https://hospital.example/numbers|P-4711")]
    [InlineData("A|B,C$D\\x", "Patient?identifier=https://hospital.example/numbers|A%5C%7CB%5C%2CC%5C%24D%5C%5Cx")]
    [InlineData("1&_id=2#3 +", "Patient?identifier=https://hospital.example/numbers|1%26_id%3D2%233%20%2B")]
    public void Patient_OfAKnownSystem_IsReferredToConditionally(string number, string expected)
    {
        var film = DicomFilm.Write(
            PhantomDrawer.Draw(PhantomKind.Clear, 1, size: 64, bits: 8), (0x0008_0005, "CS", "ISO_IR 192"),
            (0x0008_0018, "UI", "1.2.3"), (0x0020_000D, "UI", "1.2.4"), (0x0020_000E, "UI", "1.2.5"), (0x0010_0020, "LO", number));
        var subject = Of<DiagnosticReport>(Read(ResultBundle.Make(Answers.Make(1, film).Result, Numbers))).Subject!;

        Assert.Equal((expected, number, Numbers), (subject.Reference, subject.Identifier!.Value, subject.Identifier.System));
    }

    [Fact]
    public void Bundles_HaveNoErrors_ByFirely()
    {
        var source = new CachedResolver(ZipSource.CreateValidationSource());
        var validator = new Validator(source, LocalTerminologyService.CreateDefaultForCore(source));
        var count = int.Parse(Environment.GetEnvironmentVariable("COVIDCXR_OBJECTS") ?? "120", CultureInfo.InvariantCulture);
        List<string> errors = [], hints = [];
        for (var i = 0; i < count; i++)
        {
            var result = i % 3 == 0
                ? MakeHostile(i)
                : Make(i, (Assessment)(i % 4), isCorrection: i % 5 == 0);
            var outcome = validator.Validate(Read(ResultBundle.Make(result, i % 2 == 0 ? Numbers : "")));
            errors.AddRange(outcome.Issue
                .Where(x => x.Severity is OperationOutcome.IssueSeverity.Error or OperationOutcome.IssueSeverity.Fatal)
                .Select(x => $"{i}: {x.Details?.Text} {string.Join(' ', x.Expression)}"));
            hints.AddRange(outcome.Issue.Where(x => x.Severity == OperationOutcome.IssueSeverity.Warning)
                .Select(x => $"{x.Details?.Text} {string.Join(' ', x.Expression)}"));
        }

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{count} bundles, {hints.Count} warnings\n{string.Join('\n', hints.Distinct().Take(40))}");
        Assert.Empty(errors);
    }

    /// <summary>A validator that finds nothing would be no judge.</summary>
    [Fact]
    public void Bundle_WithoutAStatus_IsAnErrorByFirely()
    {
        var source = new CachedResolver(ZipSource.CreateValidationSource());
        var bundle = Read(ResultBundle.Make(Make(8, Assessment.Agreed), ""));
        Of<Observation>(bundle).Status = null;
        Of<Provenance>(bundle).Agent.Clear();

        var outcome = new Validator(source, LocalTerminologyService.CreateDefaultForCore(source)).Validate(bundle);

        Assert.Equal(2, outcome.Issue.Count(i => i.Severity == OperationOutcome.IssueSeverity.Error));
    }
}

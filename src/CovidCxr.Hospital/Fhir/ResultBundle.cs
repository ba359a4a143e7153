using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CovidCxr.Domain.Readings;
using CovidCxr.Hospital.Results;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;
using Code = CovidCxr.Hospital.Results.Code;

namespace CovidCxr.Hospital.Fhir;

/// <summary>
/// One version of an answer as a FHIR R4 transaction: the model, the study, the finding, the report, and whence they come. Each resource
/// is created only where the server has none of its identifier, so that a second attempt adds nothing.
/// </summary>
static class ResultBundle
{
    public const string What = "FHIR report";

    /// <summary>Whose value is a URI itself: urn:oid: and a UID.</summary>
    public const string UriSystem = "urn:ietf:rfc:3986";

    const string DicomUid = "urn:dicom:uid", IdentifierType = "http://terminology.hl7.org/CodeSystem/v2-0203",
        AiDeviceTypes = "http://hl7.org/fhir/uv/aitransparency/CodeSystem/AIdeviceTypeCS",
        Replaces = "http://hl7.org/fhir/StructureDefinition/diagnosticReport-replaces";

    // As HL7's guide to transparency of artificial intelligence labels what a model asserts.
    static Coding AssertedByAi =>
        new("http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "AIAST", "Artificial Intelligence asserted");

    /// <param name="patientSystem">The URI that the server's patients have their number under; empty where nothing is known of it.</param>
    /// <returns>JSON; the same each time.</returns>
    public static byte[] Make(StudyResult result, string patientSystem)
    {
        var (device, study) = (Entry(Device(result), ModelOf(result)), Entry(ImagingStudy(result, patientSystem), StudyOf(result)));
        var observation = Entry(
            Observation(result, patientSystem, device.FullUrl!, study.FullUrl!), Uid(result.UidOf("FHIR observation")));
        var report = Entry(Report(result, patientSystem, study.FullUrl!, observation.FullUrl!), Uid(result.UidOf(What)));
        var provenance = TaggedEntry(
            Provenance(result, device.FullUrl!, study.FullUrl!, observation.FullUrl!, report.FullUrl!), result.UidOf("FHIR provenance"));
        var bundle = new Bundle { Type = Bundle.BundleType.Transaction, Entry = [device, study, observation, report, provenance] };
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            new BaseFhirJsonSerializer(ModelInfo.ModelInspector).Serialize(bundle, writer);
        }

        return json.WrittenSpan.ToArray();
    }

    static Bundle.EntryComponent Entry(Resource resource, Identifier identifier) =>
        NewEntry(resource, $"identifier={identifier.System}|{identifier.Value}");

    // Provenance has no identifier. A tag is what every server finds any resource by.
    static Bundle.EntryComponent TaggedEntry(Provenance provenance, string uid)
    {
        provenance.Meta = new() { Tag = [new(UriSystem, $"urn:oid:{uid}")] };
        return NewEntry(provenance, $"_tag={UriSystem}|urn:oid:{uid}");
    }

    static Bundle.EntryComponent NewEntry(Resource resource, string ifNoneExist) => new()
    {
        FullUrl = $"urn:uuid:{StudyResult.Uuid("FHIR entry", ifNoneExist)}",
        Resource = resource,
        Request = new() { Method = Bundle.HTTPVerb.POST, Url = resource.TypeName, IfNoneExist = ifNoneExist },
    };

    static Device Device(StudyResult result) => new()
    {
        Identifier = [ModelOf(result)],
        Status = global::Hl7.Fhir.Model.Device.FHIRDeviceStatus.Active,
        Type = new(AiDeviceTypes, "Artificial-Intelligence", "All kinds of Artificial Intelligence", null),
        Manufacturer = StudyResult.Product,
        ModelNumber = StudyResult.Product,
        DeviceName = [new() { Name = result.ModelName, Type = DeviceNameType.UserFriendlyName }],
        Version = [new() { Value = result.ModelVersion }],
        Note = [new() { Text = $"{StudyResult.Disclaimer}." }],
    };

    static ImagingStudy ImagingStudy(StudyResult result, string patientSystem)
    {
        var header = result.Film.Header;
        var modality = new Coding(UriOf(Codes.Digital), header.Modality is { } m && !m.Contains(' ') ? m : "RG");
        return new()
        {
            Identifier = [StudyOf(result), .. Accession(result)],
            // Whether the archive still has it is not known here.
            Status = global::Hl7.Fhir.Model.ImagingStudy.ImagingStudyStatus.Unknown,
            Subject = Patient(result, patientSystem),
            Modality = [modality],
            Series =
            [
                new()
                {
                    Uid = header.SeriesUid,
                    Modality = modality,
                    Instance =
                    [
                        new()
                        {
                            Uid = header.InstanceUid,
                            SopClass = new(UriSystem, $"urn:oid:{result.Ascii(Results.Attribute.SopClass)}"),
                        },
                    ],
                },
            ],
        };
    }

    static Observation Observation(StudyResult result, string patientSystem, string device, string study)
    {
        var (prediction, assessment) = (result.Prediction, result.Answer.Assessment);
        var finding = ReadDisease.Is(prediction.PositiveClass) ? Concept(Codes.Disease) : Concept(Codes.OtherFinding);
        finding.Text = result.PositiveClass;
        return new()
        {
            Meta = new() { Security = [AssertedByAi] },
            Identifier = [Uid(result.UidOf("FHIR observation"))],
            Status = assessment == Assessment.NotRead ? ObservationStatus.Preliminary
                : result.IsCorrection ? ObservationStatus.Corrected : ObservationStatus.Final,
            Category = [new("http://terminology.hl7.org/CodeSystem/observation-category", "imaging")],
            Code = finding,
            Subject = Patient(result, patientSystem),
            Effective = TakenOn(result),
            Issued = result.Answer.At,
            Value = Concept(result.IsPositive ? Codes.Present : Codes.Absent),
            Note = [new() { Text = Words(result) }],
            BodySite = Concept(Codes.Chest),
            Method = new() { Text = $"{result.ModelName}, version {result.ModelVersion}" },
            Device = new(device),
            DerivedFrom = [new(study)],
            Component = [.. Components(result)],
        };
    }

    static IEnumerable<Observation.ComponentComponent> Components(StudyResult result)
    {
        var prediction = result.Prediction;
        yield return Number(Codes.Probability, result.Probability);
        yield return Number(Codes.Threshold, prediction.Threshold);
        if (prediction.SeverityZones.Count > 0)
        {
            yield return Number(Codes.Severity, prediction.SeverityZones.Sum());
        }

        if (prediction is { SeverityLower: { } lower, SeverityUpper: { } upper })
        {
            yield return Number(Codes.SeverityLower, lower);
            yield return Number(Codes.SeverityUpper, upper);
        }

        yield return new() { Code = Concept(Codes.Assessment), Value = Concept(Codes.Of(result.Answer.Assessment)) };
    }

    static Observation.ComponentComponent Number(Code code, double value) => new()
    {
        Code = Concept(code),
        Value = new Quantity
        {
            Value = Math.Round((decimal)value, 6),
            System = "http://unitsofmeasure.org",
            Code = "1",
        },
    };

    static DiagnosticReport Report(StudyResult result, string patientSystem, string study, string observation)
    {
        var report = new DiagnosticReport
        {
            Meta = new() { Security = [AssertedByAi] },
            Identifier = [Uid(result.UidOf(What)), OfAllVersions(result)],
            BasedOn = [.. Accession(result).Select(a => new ResourceReference { Type = "ServiceRequest", Identifier = a })],
            Status = result.Answer.Assessment == Assessment.NotRead ? DiagnosticReport.DiagnosticReportStatus.Preliminary
                : result.IsCorrection ? DiagnosticReport.DiagnosticReportStatus.Amended : DiagnosticReport.DiagnosticReportStatus.Final,
            Category = [new("http://terminology.hl7.org/CodeSystem/v2-0074", "RAD")],
            Code = new("http://loinc.org", "36554-4", "Chest X-ray, read by a model"),
            Subject = Patient(result, patientSystem),
            Effective = TakenOn(result),
            Issued = result.Answer.At,
            Result = [new(observation)],
            ImagingStudy = [new(study)],
            Conclusion = Words(result),
        };
        if (result.Version > 1)
        {
            // Whether the earlier one ever reached this server is another matter: its identifier alone.
            var earlier = Uid(StudyResult.UidOf(result.Answer.Study.Id, result.Version - 1, What));
            report.Extension.Add(
                new(Replaces, new ResourceReference { Type = nameof(DiagnosticReport), Identifier = earlier }));
        }

        return report;
    }

    static Provenance Provenance(StudyResult result, string device, string study, params string[] targets) => new()
    {
        Target = [.. targets.Select(t => new ResourceReference(t))],
        Recorded = result.Answer.At,
        Reason = [new() { Coding = [AssertedByAi] }],
        Agent =
        [
            new()
            {
                Type = new("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "author"),
                Role = [new(AiDeviceTypes, "Artificial-Intelligence")],
                Who = new(device),
            },
        ],
        Entity =
        [
            Source(new(study)),
            Source(new() { Identifier = new(DicomUid, $"urn:oid:{result.Film.Header.InstanceUid}"), Display = "The film" }),
        ],
    };

    static Provenance.EntityComponent Source(ResourceReference what) =>
        new() { Role = global::Hl7.Fhir.Model.Provenance.ProvenanceEntityRole.Source, What = what };

    /// <summary>The number, as the film says it, and nothing else. Where the server's patients have it, the one among them.</summary>
    static ResourceReference Patient(StudyResult result, string patientSystem)
    {
        var number = result.Film.Header.PatientId!;
        var issuer = result.Ascii(Results.Attribute.PatientIdIssuer);
        return new()
        {
            Reference = patientSystem.Length > 0 ? $"Patient?identifier={Parameter(patientSystem)}|{Parameter(number)}" : null,
            Type = nameof(global::Hl7.Fhir.Model.Patient),
            Identifier = new()
            {
                Type = new(IdentifierType, "MR"),
                System = patientSystem.Length > 0 ? patientSystem : null,
                Value = number,
                Assigner = issuer.Length > 0 ? new() { Display = issuer } : null,
            },
        };
    }

    // In a search some signs have a meaning (R4, 3.1.1.4.0.1), and in an address others.
    static string Parameter(string text)
    {
        var plain = new StringBuilder();
        foreach (var sign in text)
        {
            plain.Append(sign is '\\' or ',' or '$' or '|' ? "\\" : "").Append(sign);
        }

        return Uri.EscapeDataString(plain.ToString()).Replace("%3A", ":", StringComparison.Ordinal)
            .Replace("%2F", "/", StringComparison.Ordinal);
    }

    static IEnumerable<Identifier> Accession(StudyResult result) => result.Film.Header.AccessionNumber is { } number
        ? [new() { Type = new(IdentifierType, "ACSN"), Value = number }]
        : [];

    /// <summary>By which all versions of a study's report are found.</summary>
    static Identifier OfAllVersions(StudyResult result)
    {
        var all = Uid(StudyResult.UidOf(result.Answer.Study.Id, 0, What));
        all.Use = Identifier.IdentifierUse.Secondary;
        return all;
    }

    static FhirDateTime? TakenOn(StudyResult result) => result.Film.Header.TakenOn is { } day
        ? new FhirDateTime(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))
        : null;

    static string Words(StudyResult result) => $"AI: {result.Verdict}, {result.Assessed}. {result.Notice}";

    static Identifier ModelOf(StudyResult result) => Uid(StudyResult.Uid("model", result.Answer.Model.Sha256));

    static Identifier StudyOf(StudyResult result) => new(DicomUid, $"urn:oid:{result.Film.Header.StudyUid}");

    static Identifier Uid(string uid) => new(UriSystem, $"urn:oid:{uid}");

    static CodeableConcept Concept(Code code) => new(UriOf(code), code.Value, code.Meaning, null);

    static string UriOf(Code code) => code.Scheme switch
    {
        "DCM" => "http://dicom.nema.org/resources/ontology/DCM",
        "SCT" => "http://snomed.info/sct",
        _ => $"urn:oid:{StudyResult.Uid("codes", code.Scheme)}",
    };
}

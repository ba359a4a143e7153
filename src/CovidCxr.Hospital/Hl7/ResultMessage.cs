using System.Globalization;
using System.Text;
using CovidCxr.Domain.Readings;
using CovidCxr.Hospital.Peers;
using CovidCxr.Hospital.Results;

namespace CovidCxr.Hospital.Hl7;

/// <summary>
/// One version of an answer as an unsolicited result (ORU^R01 of 2.5.1). All of it follows from what never changes, so that a second
/// attempt is the same message under the same control id.
/// </summary>
static class ResultMessage
{
    public const string What = "HL7 message", Version = "2.5.1";

    // MSH-10 takes 20 characters in 2.5.1.
    const int IdLength = 20;

    /// <summary>MSH-10 of a version; of version 0 what all versions of a study have in common.</summary>
    public static string ControlIdOf(Guid study, int version) =>
        StudyResult.Uuid(study.ToString("N"), version.ToString(CultureInfo.InvariantCulture), What).ToString("N")[..IdLength];

    /// <param name="sender">This program's name (MSH-3).</param>
    /// <param name="authority">Whose numbers the films have, where the film does not say it; empty where nobody does.</param>
    public static byte[] Make(StudyResult result, DestinationOptions destination, string sender, string authority)
    {
        var text = new StringBuilder()
            .Append(Header(result, destination, sender)).Append(Patient(result, authority)).Append(Order(result, sender))
            .Append(Hl7Text.Segment("NTE", "1", "", Hl7Text.Escape($"AI: {result.Verdict}, {result.Assessed}. {result.Notice}")));
        var number = 0;
        foreach (var observation in Observations(result))
        {
            text.Append(Observation(result, observation, ++number));
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    static string Header(StudyResult result, DestinationOptions destination, string sender) => Hl7Text.Segment(
        "MSH", @"^~\&", Hl7Text.Escape(sender), "", Hl7Text.Escape(destination.Hl7Application), Hl7Text.Escape(destination.Hl7Facility),
        At(result, result.Answer.At), "", "ORU^R01^ORU_R01", ControlIdOf(result.Answer.Study.Id, result.Version), "P", Version, "", "", "",
        "", "", "UNICODE UTF-8");

    // The name (PID-5) is never read. Sex and birth date of the film may have been corrected since, and the receiver has its own.
    static string Patient(StudyResult result, string authority)
    {
        var header = result.Film.Header;
        var issuer = result.Ascii(Results.Attribute.PatientIdIssuer);
        return Hl7Text.Segment(
            "PID", "1", "", Hl7Text.Components(header.PatientId!, "", "", issuer.Length > 0 ? issuer : authority, "MR"));
    }

    static string Order(StudyResult result, string sender)
    {
        var accession = result.Film.Header.AccessionNumber ?? "";
        var filler = accession.Length > 0 ? Hl7Text.Escape(accession)
            : Hl7Text.Components(ControlIdOf(result.Answer.Study.Id, 0), sender);
        var fields = new string[25];
        Array.Fill(fields, "");
        (fields[0], fields[2], fields[3]) = ("1", filler, Hl7Text.Components("36554-4", "Chest X-ray, read by a model", "LN"));
        (fields[6], fields[17]) = (Day(result.Film.Header.TakenOn), Hl7Text.Escape(accession));
        (fields[21], fields[23], fields[24]) = (At(result, result.Answer.At), "RAD", Status(result));
        return Hl7Text.Segment("OBR", fields);
    }

    static IEnumerable<(string Type, Code Code, string Value, string Units)> Observations(StudyResult result)
    {
        var prediction = result.Prediction;
        var finding = ReadDisease.Is(prediction.PositiveClass) ? Codes.Disease : Codes.OtherFinding with { Meaning = result.PositiveClass };
        yield return Coded(finding, result.IsPositive ? Codes.Present : Codes.Absent);
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

        yield return ("ST", Codes.AlgorithmName, Hl7Text.Escape(result.ModelName), "");
        yield return ("ST", Codes.AlgorithmVersion, Hl7Text.Escape(result.ModelVersion), "");
        yield return Coded(Codes.Assessment, Codes.Of(result.Answer.Assessment));
        yield return ("ST", Codes.StudyUid, Hl7Text.Escape(result.Film.Header.StudyUid ?? ""), "");
    }

    static (string, Code, string, string) Coded(Code code, Code value) => ("CWE", code, Concept(value), "");

    static (string, Code, string, string) Number(Code code, double value) =>
        ("NM", code, Math.Round((decimal)value, 6).ToString("0.######", CultureInfo.InvariantCulture), Concept(Codes.NoUnits));

    static string Observation(StudyResult result, (string Type, Code Code, string Value, string Units) observation, int number) =>
        Hl7Text.Segment(
            "OBX", number.ToString(CultureInfo.InvariantCulture), observation.Type, Concept(observation.Code), "", observation.Value,
            observation.Units, "", "", "", "", Status(result), "", "", Day(result.Film.Header.TakenOn), "", "", "", "",
            At(result, result.Prediction.CreatedAt));

    /// <summary>Tables 0085 and 0123: preliminary until a reading with the answer in sight, then final, and corrected after that.</summary>
    static string Status(StudyResult result) =>
        result.Answer.Assessment == Assessment.NotRead ? "P" : result.IsCorrection ? "C" : "F";

    static string Concept(Code code) => Hl7Text.Components(code.Value, code.Meaning, code.Scheme);

    static string Day(DateOnly? day) => day?.ToString("yyyyMMdd", CultureInfo.InvariantCulture) ?? "";

    static string At(StudyResult result, DateTimeOffset at) => Hl7Text.Time(TimeZoneInfo.ConvertTime(at, result.Zone));
}

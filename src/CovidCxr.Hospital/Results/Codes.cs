using CovidCxr.Domain.Readings;
using CovidCxr.Imaging.Dicom;

namespace CovidCxr.Hospital.Results;

/// <summary>A coded word (PS3.3, 8.8).</summary>
/// <param name="Value">16 characters at most.</param>
/// <param name="Meaning">64 characters at most.</param>
readonly record struct Code(string Value, string Scheme, string Meaning)
{
    public DicomItem ToItem() => new()
    {
        { Attribute.CodeValue, Value },
        { Attribute.CodingScheme, Scheme },
        { Attribute.CodeMeaning, Meaning },
    };
}

/// <summary>The codes of a result; where no public scheme has one, ours.</summary>
static class Codes
{
    const string Dcm = "DCM", Snomed = "SCT", Ours = "99COVIDCXR";

    public static readonly Code
        SourceImage = new("121322", Dcm, "Source image for image processing operation"),
        PixelByPixelAddition = new("113042", Dcm, "Pixel by pixel addition"),
        ProcessingEquipment = new("109102", Dcm, "Processing Equipment"),
        Report = new("126000", Dcm, "Imaging Measurement Report"),
        Language = new("121049", Dcm, "Language of Content Item and Descendants"),
        English = new("en", "RFC5646", "English"),
        ForReport = new("113020", Dcm, "For Report Attachment"),
        KeyObjectDescription = new("113012", Dcm, "Key Object Description"),
        ObserverType = new("121005", Dcm, "Observer Type"),
        Device = new("121007", Dcm, "Device"),
        ObserverUid = new("121012", Dcm, "Device Observer UID"),
        ObserverName = new("121013", Dcm, "Device Observer Name"),
        ObserverManufacturer = new("121014", Dcm, "Device Observer Manufacturer"),
        ObserverModel = new("121015", Dcm, "Device Observer Model Name"),
        Procedure = new("121058", Dcm, "Procedure reported"),
        ImagingProcedure = new("363679005", Snomed, "Imaging procedure"),
        ImageLibrary = new("111028", Dcm, "Image Library"),
        ImageLibraryGroup = new("126200", Dcm, "Image Library Group"),
        Modality = new("121139", Dcm, "Modality"),
        Computed = new("CR", Dcm, "Computed Radiography"),
        Digital = new("DX", Dcm, "Digital Radiography"),
        Radiographic = new("RG", Dcm, "Radiographic imaging"),
        Measurements = new("126010", Dcm, "Imaging Measurements"),
        MeasurementGroup = new("125007", Dcm, "Measurement Group"),
        TrackingIdentifier = new("112039", Dcm, "Tracking Identifier"),
        TrackingUid = new("112040", Dcm, "Tracking Unique Identifier"),
        Finding = new("121071", Dcm, "Finding"),
        FindingSite = new("363698007", Snomed, "Finding Site"),
        Chest = new("51185008", Snomed, "Chest"),
        AlgorithmName = new("111001", Dcm, "Algorithm Name"),
        AlgorithmVersion = new("111003", Dcm, "Algorithm Version"),
        ImageRegion = new("111030", Dcm, "Image Region"),
        Comment = new("121106", Dcm, "Comment"),
        StudyUid = new("110180", Dcm, "Study Instance UID"),
        Disease = new("840539006", Snomed, ReadDisease.Name),
        NoUnits = new("1", "UCUM", "no units"),
        Probability = new("122157", Dcm, "Probability"),
        Threshold = new("THRESHOLD", Ours, "Threshold of the finding"),
        Presence = new("PRESENCE", Ours, "Predicted presence of the finding"),
        Present = new("PRESENT", Ours, "At or above the threshold"),
        Absent = new("ABSENT", Ours, "Below the threshold"),
        Severity = new("BRIXIA", Ours, "Predicted Brixia score, 0 to 18"),
        SeverityLower = new("BRIXIA-LOWER", Ours, "Lower end of the predicted Brixia score"),
        SeverityUpper = new("BRIXIA-UPPER", Ours, "Upper end of the predicted Brixia score"),
        Assessment = new("ASSESSMENT", Ours, "Reader's assessment of the prediction"),
        NotRead = new("NOT-READ", Ours, "Not read yet"),
        Agreed = new("AGREED", Ours, "Reader agreed"),
        Changed = new("CHANGED", Ours, "Reader changed the own opinion to agree"),
        Rejected = new("REJECTED", Ours, "Reader rejected"),
        OtherFinding = new("OTHER", Ours, "Finding that the model looks for");

    public static Code Of(Domain.Readings.Assessment assessment) => assessment switch
    {
        Domain.Readings.Assessment.Agreed => Agreed,
        Domain.Readings.Assessment.Changed => Changed,
        Domain.Readings.Assessment.Rejected => Rejected,
        _ => NotRead,
    };
}

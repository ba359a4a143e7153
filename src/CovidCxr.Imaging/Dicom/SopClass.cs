namespace CovidCxr.Imaging.Dicom;

/// <summary>What kind of object a file holds (PS3.4, B.5).</summary>
static class SopClass
{
    const string Storage = "1.2.840.10008.5.1.4.1.1.";

    /// <summary>Those whose pictures are read.</summary>
    public static IReadOnlyList<(string Uid, string Name)> Read { get; } =
    [
        (Storage + "1", "Computed Radiography Image Storage"),
        (Storage + "1.1", "Digital X-Ray Image Storage - For Presentation"),
        (Storage + "1.1.1", "Digital X-Ray Image Storage - For Processing"),
        (Storage + "7", "Secondary Capture Image Storage"),
        (Storage + "7.2", "Multi-frame Grayscale Byte Secondary Capture Image Storage"),
        (Storage + "7.3", "Multi-frame Grayscale Word Secondary Capture Image Storage"),
        (Storage + "7.4", "Multi-frame True Color Secondary Capture Image Storage"),
    ];

    public static bool IsRead(string uid) => Read.Any(c => c.Uid == uid);

    /// <summary>What a person calls an object that is not read.</summary>
    public static string NameOf(string uid) =>
        uid.StartsWith(Storage, StringComparison.Ordinal) ? NameOfStored(uid[Storage.Length..]) : "no image";

    static string NameOfStored(string kind) => kind switch
    {
        "1.2" or "1.2.1" => "a mammogram",
        "1.3" or "1.3.1" => "a dental X-ray",
        "2" or "2.1" or "2.2" => "a CT image",
        "4" or "4.1" or "4.2" or "4.3" => "an MR image",
        "3.1" or "6.1" or "6.2" => "an ultrasound image",
        "12.1" or "12.1.1" or "12.2" or "12.2.1" => "an angiogram",
        "20" or "128" or "130" => "an image of nuclear medicine",
        "7.1" => "a picture of black and white alone",
        "104.1" => "a document",
        _ when kind.StartsWith("88.", StringComparison.Ordinal) => "a structured report",
        _ when kind.StartsWith("9.", StringComparison.Ordinal) => "a waveform",
        _ when kind.StartsWith("481.", StringComparison.Ordinal) => "an object of radiotherapy",
        _ when kind.StartsWith("11.", StringComparison.Ordinal) => "a presentation state",
        _ when kind.StartsWith("77.", StringComparison.Ordinal) => "a photograph",
        _ => "another kind of object",
    };
}

namespace CovidCxr.Domain.Studies;

/// <summary>
/// What the file's header or people say of a film that speaks against a score, as a sentence; null where nothing does. It is believed at
/// once; a film of unknown view is looked at.
/// </summary>
public static class ScoreRules
{
    /// <summary>
    /// Years. Lungs and hearts of younger children look otherwise, and no public collection of this disease has enough of them.
    /// </summary>
    public const int AdultAge = 16;

    /// <summary>Of the image alone: its view and its header.</summary>
    /// <param name="modality">As DICOM codes it, such as DX; null where nothing is said. The other codes likewise.</param>
    /// <param name="bodyPart">In capitals.</param>
    /// <param name="intent">FOR PRESENTATION or FOR PROCESSING.</param>
    public static string? ReasonToWithhold(ViewPosition view, string? modality, string? bodyPart, string? intent) => view switch
    {
        ViewPosition.Lateral => "The film is a lateral view; the model knows frontal ones.",
        _ when modality is not (null or "CR" or "DX" or "RG" or "SC" or "OT") =>
            $"The file names the modality {modality}; the model knows X-rays.",
        _ when bodyPart is not null && !IsChest(bodyPart) => $"The file says that it shows {bodyPart}; the model knows chests.",
        _ when intent == "FOR PROCESSING" => "The file holds the detector's raw data, not the film that is read.",
        _ => null,
    };

    /// <summary>Of the image, and of the age of whom it shows.</summary>
    public static string? ReasonToWithhold(int? ageYears, ViewPosition view, string? modality, string? bodyPart, string? intent) =>
        ageYears < AdultAge && view != ViewPosition.Lateral
            ? $"The patient is younger than {AdultAge} years; the model knows adults."
            : ReasonToWithhold(view, modality, bodyPart, intent);

    /// <summary>What DICOM's code of a view position means.</summary>
    public static ViewPosition ViewOf(string? code) => code switch
    {
        "PA" => ViewPosition.PA,
        "AP" => ViewPosition.AP,
        "LL" or "RL" or "LAT" or "LATERAL" => ViewPosition.Lateral,
        _ => ViewPosition.Unknown,
    };

    static bool IsChest(string part) =>
        part.Contains("CHEST", StringComparison.Ordinal) || part.Contains("THORAX", StringComparison.Ordinal)
        || part.Contains("TORAX", StringComparison.Ordinal) || part.Contains("LUNG", StringComparison.Ordinal);
}

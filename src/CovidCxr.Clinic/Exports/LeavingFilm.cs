using CovidCxr.Clinic.References;
using CovidCxr.Domain.Studies;

namespace CovidCxr.Clinic.Exports;

/// <summary>A film under the names that it has outside. Of what somebody typed or a file says, there are codes and numbers alone.</summary>
/// <param name="Image">The further image's id, or the study's for the principal one.</param>
/// <param name="Key">Where its file is stored.</param>
/// <param name="Pixels">Their hash: other pixels may stand under the same id later.</param>
/// <param name="Patient">The pseudonym: the same in every export, and another one in a data set of the laboratory.</param>
/// <param name="TakenOn">Moved by the same days for all films of a patient; null where the day is not known.</param>
sealed record LeavingFilm(
    Guid Study, Guid Image, string Key, string Pixels, string Patient, string StudyUid, string SeriesUid, string InstanceUid,
    DateOnly? TakenOn, Sex Sex, int? AgeYears, ViewPosition View, string? Side, string Modality, bool IsChest, bool IsPrincipal)
{
    /// <summary>Dates are moved by so many into the past: one to four years.</summary>
    const int FewestDays = 365, MostDays = 1460;

    /// <summary>Above it an age alone may tell who somebody is (45 CFR 164.514(b)(2)(i)(C)).</summary>
    public int? ShownAge => AgeYears is { } age ? Math.Min(age, ExportRegistry.OldestAge + 1) : null;

    /// <summary>Of its files, and its line in the table.</summary>
    public string Name => $"{Patient}-{InstanceUid[^12..]}";

    public static LeavingFilm Of(Study study, StudyImage image, Pseudonyms names)
    {
        // A film of nobody's number is a patient of its own.
        var patient = study.PatientNumber?.ToUpperInvariant() ?? $"study {study.Id}";
        return new(
            study.Id, image.Id, image.ImageKey, image.PixelHash, names.Of("e-", patient),
            // With the patient: two may have the same UID, where a number was corrected.
            names.UidOf("study", $"{patient} {study.DicomStudyUid ?? study.Id.ToString()}"),
            names.UidOf("series", $"{patient} {study.DicomStudyUid ?? study.Id.ToString()} {image.DicomSeriesUid}"),
            // With the pixels, of which no two films have the same: a UID may stand in two files.
            names.UidOf("instance", $"{patient} {image.DicomInstanceUid} {image.PixelHash}"),
            study.AcquiredOn is { } day && day.DayNumber > MostDays
                ? day.AddDays(1 - FewestDays - names.NumberOf("days", patient, MostDays - FewestDays + 1))
                : null,
            study.Sex, study.AgeYears, image.View, image.Laterality is "R" or "L" ? image.Laterality : null,
            image.Modality is "CR" or "DX" or "RG" ? image.Modality : "OT",
            image.BodyPart?.Contains("CHEST", StringComparison.Ordinal) == true, image.Id == study.Id);
    }
}

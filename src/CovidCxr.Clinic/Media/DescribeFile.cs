using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Dicom;

namespace CovidCxr.Clinic.Media;

/// <param name="Header">What the file says of its film.</param>
/// <param name="Objection">Why it is hardly a film to read, in words; null where nothing speaks against it.</param>
public sealed record FileDescription(StudyDetails Header, string? Modality, string? Objection);

/// <summary>
/// What a DICOM file says of itself, by its beginning alone: for choosing among many before any is sent. It stores nothing.
/// </summary>
public static class DescribeFile
{
    /// <summary>Of the beginning; films with large tables before their pixels stay undescribed.</summary>
    public const int MaxBytes = 256 * 1024;

    const uint SopClass = 0x0008_0016;

    // A header that is deflated to no more than this.
    const long LargestDataSet = 16 * MaxBytes;

    /// <returns>Null where the beginning does not say.</returns>
    public static FileDescription? Run(byte[] beginning, Actor actor)
    {
        actor.Demand(Role.Radiologist);
        if (beginning.Length > MaxBytes || DicomObject.Read(beginning, LargestDataSet) is not { Header: var header } file
            || file.Value(SopClass).Length == 0)
        {
            return null;
        }

        // A lateral view is an image of its visit, and taken.
        return new(
            HeaderFacts.Of(header), header.Modality,
            ScoreRules.ReasonToWithhold(ViewPosition.Unknown, header.Modality, header.BodyPart, header.PresentationIntent));
    }
}

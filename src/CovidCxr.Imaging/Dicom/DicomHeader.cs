using System.Globalization;

namespace CovidCxr.Imaging.Dicom;

/// <summary>
/// What a file says of its patient and its picture, as it says it; null where it says nothing or nothing sensible. The name is not read.
/// </summary>
/// <param name="PatientSex">M, F or O.</param>
/// <param name="AgeYears">As stated, else at the day of the picture by the day of birth; 0..130.</param>
/// <param name="TakenOn">Day of acquisition, else of the study.</param>
/// <param name="Laterality">R, L, B or U.</param>
/// <param name="PresentationIntent">FOR PRESENTATION or FOR PROCESSING.</param>
public sealed record DicomHeader(
    string? PatientId, string? PatientSex, DateOnly? BirthDate, int? AgeYears, DateOnly? TakenOn, string? View, string? Laterality,
    string? BodyPart, string? Modality, string? PresentationIntent, string? AccessionNumber, string? StudyUid, string? SeriesUid,
    string? InstanceUid)
{
    const int MaxAge = 130, MaxText = 64;

    /// <summary>Whether every part is what <see cref="Of"/> makes of a file; one from another process may not be.</summary>
    internal bool IsWellFormed =>
        new[] { PatientSex, View, Laterality, BodyPart, Modality, PresentationIntent }.All(c => c is null || IsCode(c))
        && new[] { StudyUid, SeriesUid, InstanceUid }.All(u => u is null || IsUid(u))
        && new[] { PatientId, AccessionNumber }.All(t => t is null or { Length: <= MaxText })
        && AgeYears is null or (>= 0 and <= MaxAge);

    internal static DicomHeader Of(DicomDataSet set)
    {
        var (born, taken) = (Day(set, DicomTag.BirthDate), Day(set, DicomTag.AcquisitionDate) ?? Day(set, DicomTag.StudyDate));
        return new(
            Short(DicomText.Read(set, DicomTag.PatientId)), Code(set, DicomTag.PatientSex), born, Age(set, born, taken), taken,
            Code(set, DicomTag.ViewPosition), Code(set, DicomTag.ImageLaterality) ?? Code(set, DicomTag.Laterality),
            Code(set, DicomTag.BodyPart), Code(set, DicomTag.Modality), Code(set, DicomTag.PresentationIntent),
            Short(DicomText.Read(set, DicomTag.AccessionNumber)), Uid(set, DicomTag.StudyInstance), Uid(set, DicomTag.SeriesInstance),
            Uid(set, DicomTag.SopInstance));
    }

    // Codes are capitals, digits, blanks and underscores (PS3.5, 6.2); anything else is not shown to anybody.
    static string? Code(DicomDataSet set, uint tag)
    {
        var code = set.Code(tag).ToUpperInvariant();
        return IsCode(code) ? code : null;
    }

    static bool IsCode(string code) =>
        code.Length is > 0 and <= 16 && code.All(c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '_');

    static string? Uid(DicomDataSet set, uint tag)
    {
        var uid = set.Code(tag);
        return IsUid(uid) ? uid : null;
    }

    static bool IsUid(string uid) => uid.Length is > 0 and <= MaxText && uid.All(c => char.IsAsciiDigit(c) || c == '.');

    static string? Short(string? text) => text?.Length > MaxText ? null : text;

    // 20260301; before 1993 also 2026.03.01.
    static DateOnly? Day(DicomDataSet set, uint tag) =>
        DateOnly.TryParseExact(
            set.Code(tag), ["yyyyMMdd", "yyyy.MM.dd"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
        && day.Year > 1800 ? day : null;

    static int? Age(DicomDataSet set, DateOnly? born, DateOnly? taken)
    {
        var text = set.Code(DicomTag.PatientAge);
        if (text.Length == 4 && int.TryParse(text.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            int? years = text[3] switch { 'Y' => count, 'M' => count / 12, 'W' => count / 52, 'D' => count / 365, _ => null };
            if (years is null or <= MaxAge)
            {
                return years;
            }
        }

        if (born is not { } birth || taken is not { } day || day < birth)
        {
            return null;
        }

        var age = day.Year - birth.Year - (day < birth.AddYears(day.Year - birth.Year) ? 1 : 0);
        return age <= MaxAge ? age : null;
    }
}

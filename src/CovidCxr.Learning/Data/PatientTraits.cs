using System.Globalization;

namespace CovidCxr.Learning.Data;

/// <summary>Sex and age as the tables of collections write them, in one way of writing.</summary>
public static class PatientTraits
{
    const int MostLetters = 20, OldestKept = 90;

    const double MostYears = 130;

    static readonly string[] Unknown = ["", "U", "UNKNOWN", "N/A", "NA", "NAN", "NONE", "NULL", "-", "?"];

    /// <returns>M, F, or what else the cell says in capitals; null where it says nothing.</returns>
    public static string? Sex(string cell) => cell.Trim().ToUpperInvariant() switch
    {
        var nothing when Unknown.Contains(nothing) || nothing.Length > MostLetters => null,
        "M" or "MALE" or "MAN" => "M",
        "F" or "FEMALE" or "WOMAN" => "F",
        "O" or "OTHER" => "O",
        var other => other,
    };

    /// <returns>
    /// Whole years, as `63`, `63.5`, `90+` or DICOM's `063Y`, `018M`, `012W`, `020D` say; null where the cell says none. Above 90 it is 90:
    /// so few are older that their age may name them.
    /// </returns>
    public static string? Age(string cell)
    {
        var text = cell.Trim().TrimEnd('+').ToUpperInvariant();
        var perYear = text is [.., 'Y'] ? 1 : text is [.., 'M'] ? 12 : text is [.., 'W'] ? 52 : text is [.., 'D'] ? 365 : 0;
        var number = perYear == 0 ? text : text[..^1];
        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
            && count / Math.Max(1, perYear) is var years && years <= MostYears
            ? Math.Min(OldestKept, Math.Floor(years)).ToString(CultureInfo.InvariantCulture)
            : null;
    }

    /// <summary>The group that an age in years belongs to; null where it is no age.</summary>
    public static string? AgeBand(string? age) =>
        !double.TryParse(age, NumberStyles.Float, CultureInfo.InvariantCulture, out var years) || !(years >= 0 && years <= MostYears) ? null
            : years < 18 ? "under 18"
            : years < 40 ? "18 to 39"
            : years < 60 ? "40 to 59"
            : years < 80 ? "60 to 79"
            : "80 and over";
}

using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using CovidCxr.Clinic.Answers;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Dicom;

namespace CovidCxr.Hospital.Results;

/// <summary>One version of a study's answer: what both of its objects have in common. All of it follows from what never changes.</summary>
/// <param name="Film">The film's file.</param>
/// <param name="Version">1, 2, 3 … of this study.</param>
/// <param name="Zone">Dates and times are local, as those of the film are.</param>
sealed record StudyResult(AnswerRelease.Released Answer, DicomObject Film, int Version, TimeZoneInfo Zone)
{
    public const string Disclaimer = "Decision support, not a diagnosis";
    public const string Product = "CovidCxr";

    /// <summary>Series of ours stand behind those of the modalities.</summary>
    public const int FirstSeriesNumber = 90_000;

    /// <summary>Of this program, in every object.</summary>
    public static readonly string ImplementationUid = Uid("implementation", Product);

    // What a series description takes (LO), and a short name in it.
    const int MaxText = 64, MaxClass = 16;

    static readonly DicomAttribute[] Required =
    [
        Attribute.StudyDate, Attribute.StudyTime, Attribute.AccessionNumber, Attribute.ReferringPhysician, Attribute.PatientName,
        Attribute.PatientId, Attribute.BirthDate, Attribute.PatientSex, Attribute.StudyInstance, Attribute.StudyId,
    ];

    static readonly DicomAttribute[] Optional =
    [
        Attribute.CharacterSet, Attribute.StudyDescription, Attribute.PatientIdIssuer, Attribute.BirthTime, Attribute.PatientAge,
        Attribute.IdentityRemoved, Attribute.DeidentificationMethod,
    ];

    public Prediction Prediction => Answer.Prediction;

    public bool IsPositive => Prediction.PredictedIndex == Prediction.PositiveIndex;

    public string PositiveClass => Plain(Prediction.PositiveClass, MaxText);

    public double Probability => Prediction.Probabilities[Prediction.PositiveIndex];

    /// <summary>What the model says, in a few words.</summary>
    public string Verdict => (IsPositive ? "" : "no ") + Plain(Prediction.PositiveClass, MaxClass)
        + FormattableString.Invariant($" {Probability:F2} ({(IsPositive ? ">=" : "<")} {Prediction.Threshold:F2})");

    /// <summary>The number of this version's picture; its report has the next.</summary>
    public int FirstSeries => FirstSeriesNumber + (2 * Version);

    /// <summary>What speaks against relying on the model, for every object that says the verdict; null for nothing.</summary>
    public string? Warning => Answer.Warning is { } words ? $"Warning: {words}" : null;

    /// <summary>What this is, and what speaks against it.</summary>
    public string Notice => Warning is null ? $"{Disclaimer}." : $"{Disclaimer}. {Warning}";

    /// <summary>What the reader says of it.</summary>
    public string Assessed => Answer.Assessment switch
    {
        Assessment.Agreed => "reader agreed",
        Assessment.Changed => "reader changed to agree",
        Assessment.Rejected => "reader rejected",
        _ => "not read yet",
    };

    /// <summary>The verdict, for the list of series in any viewer.</summary>
    public string SeriesDescription => Plain($"AI: {Verdict}, {Assessed}", MaxText);

    public string ModelName => Plain(Answer.Model.Name, MaxText);

    public string ModelVersion => $"{Answer.Model.Number}, sha256 {Plain(Answer.Model.Sha256, 12)}";

    /// <summary>The reading that judges the prediction corrects an earlier one.</summary>
    public bool IsCorrection => Answer.Reading?.SupersedesId is not null;

    /// <summary>An attribute of the film; empty where it is not there, or not ASCII.</summary>
    public string Ascii(DicomAttribute attribute)
    {
        var value = Film.Value(attribute.Tag);
        return value.All(b => b is >= (byte)' ' and <= (byte)'~' or 0) ? Encoding.ASCII.GetString(value).Trim(' ', '\0') : "";
    }

    /// <summary>A UID of this version (PS3.5, B.2), the same whenever it is asked for.</summary>
    public string UidOf(string what) => UidOf(Answer.Study.Id, Version, what);

    public static string UidOf(Guid study, int version, string what) =>
        Uid(study.ToString("N"), version.ToString(CultureInfo.InvariantCulture), what);

    /// <summary>The attributes of patient and study as the film has them, byte for byte, and those of a series of our own.</summary>
    public DicomItem NewSet(string sopClass, string what, string modality, int seriesNumber)
    {
        var at = TimeZoneInfo.ConvertTime(Answer.At, Zone);
        var (day, time) = (at.ToString("yyyyMMdd", CultureInfo.InvariantCulture), at.ToString("HHmmss", CultureInfo.InvariantCulture));
        var set = new DicomItem
        {
            { Attribute.SopClass, sopClass },
            { Attribute.SopInstance, UidOf(what) },
            { Attribute.SeriesDate, day },
            { Attribute.SeriesTime, time },
            { Attribute.ContentDate, day },
            { Attribute.ContentTime, time },
            { Attribute.Modality, modality },
            { Attribute.Manufacturer, Product },
            { Attribute.ManufacturerModel, Product },
            { Attribute.DeviceSerialNumber, ModelVersion },
            { Attribute.SoftwareVersions, ModelName },
            { Attribute.SeriesDescription, SeriesDescription },
            { Attribute.SeriesInstance, UidOf($"{what} series") },
            { Attribute.SeriesNumber, seriesNumber.ToString(CultureInfo.InvariantCulture) },
            { Attribute.InstanceNumber, "1" },
        };
        foreach (var attribute in Required)
        {
            set.Add(attribute, Film.Value(attribute.Tag));
        }

        foreach (var attribute in Optional)
        {
            if (Film.Value(attribute.Tag) is { Length: > 0 } value)
            {
                set.Add(attribute, value);
            }
        }

        return set;
    }

    /// <summary>The film as an object that refers to it names it.</summary>
    public DicomItem FilmReference() => new()
    {
        { Attribute.ReferencedSopClass, Film.Value(Attribute.SopClass.Tag) },
        { Attribute.ReferencedSopInstance, Film.Value(Attribute.SopInstance.Tag) },
    };

    /// <summary>Text that every character set has, of at most so many characters.</summary>
    public static string Plain(string text, int longest)
    {
        var plain = string.Concat(text.Select(c => c is >= ' ' and <= '~' and not '\\' ? c : '?')).Trim();
        return plain.Length <= longest ? plain : plain[..longest].TrimEnd();
    }

    /// <summary>2.25 and the UUID of these parts as a decimal number (PS3.5, B.2).</summary>
    public static string Uid(params string[] parts) => "2.25." + new BigInteger(Hash(parts), isUnsigned: true, isBigEndian: true);

    /// <summary>The same UUID, as it is written otherwise.</summary>
    public static Guid Uuid(params string[] parts) => new(Hash(parts), bigEndian: true);

    // A UUID of version 8 (RFC 9562, 5.8).
    static ReadOnlySpan<byte> Hash(string[] parts)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('/', parts)));
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return hash.AsSpan(0, 16);
    }
}

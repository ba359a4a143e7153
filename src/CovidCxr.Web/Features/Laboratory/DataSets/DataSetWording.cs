using System.Globalization;
using CovidCxr.Domain.DataSets;
using CovidCxr.Laboratory.DataSets;

namespace CovidCxr.Web.Features.Laboratory.DataSets;

static class DataSetWording
{
    /// <summary>A sign and a word, so that colour says nothing alone.</summary>
    public static string Words(this DataSetVersionView version) => version.State switch
    {
        DataSetState.Making when version.IsCancelWished => "◐ cancelling",
        DataSetState.Making when version.Total == 0 => "○ waiting",
        DataSetState.Making => $"◐ {version.Done} of {version.Total}",
        DataSetState.Ready => "● ready",
        DataSetState.Cancelled => "– cancelled",
        _ => "✕ failed",
    };

    public static string Words(this ImagePart part) => part switch
    {
        ImagePart.Train => "training",
        ImagePart.Validation => "validation",
        _ => "test",
    };

    /// <summary>How alike two films are, with what strangers' films reach.</summary>
    public static string Words(this LookalikePair pair) => string.Create(
        CultureInfo.InvariantCulture,
        $"Their hashes differ in {pair.DifferingBits} of 256 bits. "
            + $"{(pair.Correlation is { } r ? $"Laid over one another they correlate by {r:F2}; different patients' films stay below 0.8."
                : "This version is too old to compare the pictures themselves.")}");

    public static string Words(this FindingKind kind) => kind switch
    {
        FindingKind.Unreadable => "Unreadable files",
        FindingKind.ConflictingLabels => "Contradictory labels",
        FindingKind.ExactDuplicates => "Exact duplicates",
        FindingKind.NearDuplicates => "Near duplicates",
        FindingKind.InOtherDataSets => "In other data sets",
        FindingKind.PatientInTwoClasses => "Patients in two classes",
        FindingKind.NotFrontal => "Not frontal X-rays",
        FindingKind.LeakingPatients => "Leaking patients",
        FindingKind.Imbalance => "Classes out of balance",
        _ => "The source tells the class",
    };
}

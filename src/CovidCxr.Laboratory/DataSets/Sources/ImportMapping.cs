using CovidCxr.Learning.Data;

namespace CovidCxr.Laboratory.DataSets.Sources;

/// <summary>How files become images with class and patient: by folders, or by the columns of a table.</summary>
public sealed record ImportMapping
{
    /// <summary>The table's path in the source; null where folders say the class.</summary>
    public string? Table { get; set; }

    public string? FileColumn { get; set; }

    /// <summary>A column, or <see cref="TableColumns.EveryColumn"/>.</summary>
    public string? ClassColumn { get; set; }

    public string? PatientColumn { get; set; }

    public string? ViewColumn { get; set; }

    public string? ModalityColumn { get; set; }

    public string? SexColumn { get; set; }

    public string? AgeColumn { get; set; }

    /// <summary>Several rows of one image are several findings of it; else they must agree.</summary>
    public bool JoinsRows { get; set; }

    /// <summary>The class that holds where rows contradict each other about it; null leaves such images out.</summary>
    public string? Decision { get; set; }

    /// <summary>Which folder names the class, from 1 at the top; null to find it.</summary>
    public int? ClassLevel { get; set; }

    /// <summary>
    /// Which folder names the collection that an image comes from, from 1 at the top; null for the folders above the class, where they
    /// differ.
    /// </summary>
    public int? SourceLevel { get; set; }

    /// <summary>
    /// Whether the folders `train`, `val` and `test` divide the version; null for so where every class has images to train on and to
    /// validate with.
    /// </summary>
    public bool? TakesDivision { get; set; }

    /// <summary>
    /// A regular expression whose first group is the patient: on the file's name without extension, or with a slash in it on the whole
    /// path; null or empty for none.
    /// </summary>
    public string? PatientPattern { get; set; }
}

/// <summary>One image as an import would take it.</summary>
/// <param name="Class">As the source calls it.</param>
/// <param name="HasPatient">False where nothing says the patient and the image stands for itself.</param>
/// <param name="View">As <see cref="ImageViews.Describe"/> gives it.</param>
/// <param name="Part">Where a folder puts it; null where none does.</param>
/// <param name="Source">The folder that names its collection; null where the whole import is one.</param>
/// <param name="LungMask">Null where it has none.</param>
public sealed record PlannedImage(
    SourceFile File, string Class, string Patient, bool HasPatient, string? View, DataPart? Part = null, string? Source = null,
    SourceFile? LungMask = null)
{
    /// <summary>Of the patient, as <see cref="PatientTraits"/> writes it; null where nothing says it. Likewise Age.</summary>
    public string? Sex { get; init; }

    public string? Age { get; init; }
}

/// <summary>What a mapping makes of a source.</summary>
/// <param name="Remarks">What is left out and why, in words.</param>
/// <param name="Problem">Why nothing can be imported this way; null where it can.</param>
public sealed record ImportPlan(IReadOnlyList<PlannedImage> Images, IReadOnlyList<string> Remarks, string? Problem)
{
    /// <summary>Images that are left out, by reason: with those planned they are all of the source.</summary>
    public IReadOnlyList<LeftOut> LeftOut { get; init; } = [];

    /// <summary>Images of which rows of the table say different things.</summary>
    public IReadOnlyList<Contradiction> Contradictions { get; init; } = [];

    /// <summary>Whether the parts that folders name are the version's division.</summary>
    public bool TakesDivision { get; init; }

    public IReadOnlyList<(string Class, int Images)> Classes => [
        .. Images.GroupBy(i => i.Class).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => (g.Key, g.Count()))];
}

namespace CovidCxr.Laboratory.DataSets.Sources;

/// <summary>How files become images with class and patient: by folders, or by the columns of a table.</summary>
public sealed record ImportMapping
{
    /// <summary>The table's path in the source; null where folders say the class.</summary>
    public string? Table { get; set; }

    public string? FileColumn { get; set; }

    public string? ClassColumn { get; set; }

    public string? PatientColumn { get; set; }

    public string? ViewColumn { get; set; }

    /// <summary>A regular expression on the file name without extension whose first group is the patient; null or empty for none.</summary>
    public string? PatientPattern { get; set; }
}

/// <summary>One image as an import would take it.</summary>
/// <param name="Class">As the source calls it.</param>
/// <param name="HasPatient">False where nothing says the patient and the image stands for itself.</param>
public sealed record PlannedImage(SourceFile File, string Class, string Patient, bool HasPatient, string? View);

/// <summary>What a mapping makes of a source.</summary>
/// <param name="Remarks">What is left out and why, in words.</param>
/// <param name="Problem">Why nothing can be imported this way; null where it can.</param>
public sealed record ImportPlan(IReadOnlyList<PlannedImage> Images, IReadOnlyList<string> Remarks, string? Problem)
{
    public IReadOnlyList<(string Class, int Images)> Classes => [.. Images.GroupBy(i => i.Class).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).Select(g => (g.Key, g.Count()))];
}

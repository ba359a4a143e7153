namespace CovidCxr.Learning.Data;

/// <summary>Which columns of a table say what of an image.</summary>
/// <param name="Class">A column's name, or <see cref="EveryColumn"/>.</param>
/// <param name="Site">The hospital.</param>
/// <param name="Sex">Of the patient; likewise Age.</param>
/// <param name="Joins">The rows of one image are several findings of it (`A|B`), not contradictions.</param>
public sealed record TableColumns(
    string? File, string? Class, string? Patient = null, string? View = null, string? Modality = null, bool Joins = false,
    string? Site = null, string? Sex = null, string? Age = null)
{
    /// <summary>As the class column: every column of 1, 0 and -1 is a finding, and those that are 1 are the class.</summary>
    public const string EveryColumn = "*";
}

/// <summary>How public collections and their like name their columns.</summary>
/// <param name="Name">Of the collection; null where the columns were found by their names alone.</param>
/// <param name="PatientPattern">On the file's name, or with a slash in it on its path; null where a column says the patient, or
/// nothing.</param>
public sealed record TableLayout(string? Name, TableColumns Columns, string? PatientPattern)
{
    const string NihPattern = @"^(\d{8})_\d{3}$", CheXpertPattern = @"(patient\d+)/";

    static readonly (string Name, string[] Headers, TableColumns Columns, string? Pattern)[] Known =
    [
        (
            "the Cohen collection", ["patientid", "finding", "view", "modality", "filename"],
            new("filename", "finding", "patientid", "view", "modality"), null),
        (
            "NIH ChestX-ray14", ["imageindex", "findinglabels", "patientid"],
            new("imageindex", "findinglabels", "patientid", "viewposition"), NihPattern),
        ("the RSNA pneumonia challenge", ["patientid", "target"], new("patientid", "target", "patientid", Joins: true), null),
        ("the RSNA pneumonia challenge", ["patientid", "class"], new("patientid", "class", "patientid", Joins: true), null),
        ("VinDr-CXR", ["imageid", "classname"], new("imageid", "classname", "patientid", Joins: true), null),
        (
            "CheXpert", ["path", "nofinding", "frontallateral"], new("path", TableColumns.EveryColumn, null, "frontallateral"),
            CheXpertPattern),
    ];

    static readonly string[] Files =
    [
        "filename", "file", "image", "path", "imageindex", "imagename", "imagepath", "imageid", "imagefile", "imagefilename", "filepath",
        "dicomid", "img", "imgname", "imageuid",
    ];

    static readonly string[] Classes =
        ["finding", "label", "class", "diagnosis", "findinglabels", "labels", "findings", "category", "target", "classname"];

    static readonly string[] Patients = ["patientid", "patient", "patientnumber", "subject", "subjectid", "caseid"];

    static readonly string[] Views = ["view", "viewposition", "projection", "frontallateral"];

    static readonly string[] Modalities = ["modality"];

    static readonly string[] Sexes = ["sex", "gender", "patientsex", "patientgender"];

    static readonly string[] Ages = ["age", "patientage", "ageyears", "ageinyears"];

    static readonly HashSet<string> Indicators = ["", "0", "1", "-1", "0.0", "1.0", "-1.0"];

    static readonly HashSet<string> NoFindings = new(["nofinding", "nofindings", "normal", "none", "healthy"], StringComparer.Ordinal);

    /// <summary>Recognises a collection by its header, else the columns by their names.</summary>
    public static TableLayout Of(CsvTable table)
    {
        var names = table.Columns.Select(CsvTable.Plain).ToList();
        foreach (var (name, headers, columns, pattern) in Known)
        {
            // RSNA's tables name the image by its patient: with a column of files it is another table.
            if (headers.All(names.Contains) && (columns.File != "patientid" || Find(Files) is null))
            {
                return new(
                    name,
                    new(
                        Named(columns.File), columns.Class == TableColumns.EveryColumn ? columns.Class : Named(columns.Class),
                        Named(columns.Patient), Named(columns.View), Named(columns.Modality), columns.Joins, Sex: Find(Sexes),
                        Age: Find(Ages)),
                    pattern);
            }
        }

        var label = Find(Classes) ?? (IndicatorsOf(table).Count > 1 ? TableColumns.EveryColumn : null);
        return new(null, new(Find(Files), label, Find(Patients), Find(Views), Find(Modalities), Sex: Find(Sexes), Age: Find(Ages)), null);

        string? Find(string[] known) => known.Select(Named).FirstOrDefault(c => c is not null);
        string? Named(string? plain) => plain is not null && names.IndexOf(plain) is var index and >= 0 ? table.Columns[index] : null;
    }

    /// <summary>What a row says of the class; empty where it says nothing.</summary>
    /// <exception cref="DataSetException">There is no such column.</exception>
    public static Func<CsvRow, string> LabelOf(CsvTable table, string column)
    {
        if (column != TableColumns.EveryColumn)
        {
            var index = Column(table, column);
            return row => row[index];
        }

        var indicators = IndicatorsOf(table);
        return indicators.Count == 0
            ? throw new DataSetException("The table has no columns of 1, 0 and -1.")
            : row =>
                indicators.TrueForAll(i => row[i].Length == 0)
                    ? ""
                    : Joined(indicators.Select(i => FindingOf(table.Columns[i], row[i])).Where(f => f.Length > 0)) is { Length: > 0 } label
                    ? label
                    : "none of them";
    }

    /// <summary>The index of a column that must be there.</summary>
    /// <exception cref="DataSetException">There is no such column; the message names those that there are.</exception>
    public static int Column(CsvTable table, string column) =>
        table.Find(column)
            ?? throw new DataSetException(
                $"has no column '{column}'; it has {string.Join(", ", table.Columns.Take(20).Select(c => $"'{c}'"))}.");

    /// <summary>Several findings as one class, whatever their order.</summary>
    public static string Joined(IEnumerable<string> findings) =>
        string.Join(
            '|',
            findings.SelectMany(f => f.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                .Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase));

    /// <summary>Whether findings of one image cannot be true together: none, and some.</summary>
    public static bool AreContrary(IReadOnlyCollection<string> findings) =>
        findings.Count > 1 && findings.Any(f => NoFindings.Contains(CsvTable.Plain(f)));

    static string FindingOf(string column, string value) => value switch
    {
        "1" or "1.0" => column,
        "-1" or "-1.0" => $"{column} (uncertain)",
        _ => "",
    };

    // Of a table of bare numbers, such as an age of one, nothing is a finding: the names of other columns are known.
    static List<int> IndicatorsOf(CsvTable table)
    {
        string[] others = [.. Files, .. Patients, .. Views, .. Modalities, .. Sexes, .. Ages, "followup", "study", "id"];
        return [.. Enumerable.Range(0, table.Columns.Count).Where(i =>
            !others.Contains(CsvTable.Plain(table.Columns[i])) && table.Rows.All(r => Indicators.Contains(r[i]))
                && table.Rows.Any(r => r[i] is "1" or "1.0" or "-1" or "-1.0"))];
    }
}

namespace CovidCxr.Learning.Data;

/// <summary>Which images are trained on, which class each belongs to, and how they are divided.</summary>
/// <param name="Name">For the model's card.</param>
/// <param name="Sources">At least one.</param>
/// <param name="GroupBy">patient (default) keeps all images of a patient, and duplicates, on one side; image does not, and the model's card
/// says so.</param>
/// <param name="OnCorrupt">leaveOut reports an unreadable image and goes on; stop refuses the data set.</param>
/// <param name="HeldOut">Sources (`path`) or hospitals of a source (`path/site`) that the model is only tested on, with whatever shares a
/// patient or a picture with them; the rest is divided by <paramref name="Split"/>.</param>
/// <param name="Licence">What the images' licences mean for a model trained on them, for its card; null where nothing is known.</param>
public sealed record DataSetOptions(
    string Name, IReadOnlyList<DataSource> Sources, SplitFractions Split, GroupBy GroupBy = GroupBy.Patient,
    OnCorrupt OnCorrupt = OnCorrupt.LeaveOut, string? Licence = null, IReadOnlyList<string>? HeldOut = null);

public enum GroupBy
{
    Patient,
    Image,
}

public enum OnCorrupt
{
    LeaveOut,
    Stop,
}

/// <summary>Shares of the patients, each 0..1, together 1.</summary>
public sealed record SplitFractions(double Train = 0.7, double Validation = 0.3, double Test = 0);

/// <summary>One folder of images: class folders, a table or a manifest.</summary>
/// <param name="Path">Relative to the data folder.</param>
/// <param name="ClassFolders">Folder name to class; null where a table says the class.</param>
/// <param name="Table">Null where folders say the class.</param>
/// <param name="PatientPattern">A regular expression on the file name without extension; its first group is the patient. Null: every image
/// its own patient, unless the table says.</param>
/// <param name="Description">For the model's card: where the images come from; null for the path.</param>
/// <param name="Manifest">An <see cref="ImageManifest"/>, relative to the data folder, that says class, patient and part of every image;
/// its SHA-256 follows in <paramref name="ManifestHash"/>. Then no folder and no table.</param>
/// <param name="ManifestHash">Lower-case hexadecimal; a manifest with another one is refused.</param>
public sealed record DataSource(
    string Path, IReadOnlyDictionary<string, string>? ClassFolders = null, TableMapping? Table = null, string? PatientPattern = null,
    string? Description = null, string? Manifest = null, string? ManifestHash = null);

/// <summary>How a CSV describes images.</summary>
/// <param name="File">Relative to the source's path.</param>
/// <param name="ImageFolder">Relative to the source's path.</param>
/// <param name="ClassColumn">A name, or `*`: every column of 1, 0 and -1 is a finding, and those that are 1 are the class (`A|B`).</param>
/// <param name="Rules">The first rule whose text stands in the class column wins.</param>
/// <param name="Otherwise">The class of a row that no rule matches; null leaves the row out. A row without any class is left out
/// always.</param>
/// <param name="SiteColumn">Names the hospital; null where no column does.</param>
/// <param name="Except">Rows that are left out, by what stands in a column.</param>
/// <param name="FrontalOnly">Leaves out what the columns `view` and `modality` call no frontal X-ray.</param>
public sealed record TableMapping(
    string File, string ImageFolder, string FileColumn, string ClassColumn, string? PatientColumn, IReadOnlyList<ClassRule> Rules,
    string? Otherwise = null, bool FrontalOnly = false, string? SiteColumn = null, IReadOnlyList<ColumnValue>? Except = null);

/// <summary>A cell of a table.</summary>
public sealed record ColumnValue(string Column, string Value);

/// <summary>
/// Rows whose class column contains Text (whatever its case) belong to Class; null leaves them out. A label that denies or doubts the text,
/// such as "COVID-19 negative", needs a rule before this one whose text says so too.
/// </summary>
public sealed record ClassRule(string Text, string? Class);

/// <summary>A data set that cannot be used as it stands. The message is for a person.</summary>
public sealed class DataSetException : Exception
{
    public DataSetException(string message)
        : base(message)
    {
    }

    public DataSetException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

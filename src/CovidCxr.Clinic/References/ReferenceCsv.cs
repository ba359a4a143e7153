using System.Globalization;
using CovidCxr.Domain.Readings;
using CovidCxr.Learning.Data;

namespace CovidCxr.Clinic.References;

/// <summary>Which study is meant: by its id, or by the patient's number and the film's date.</summary>
public sealed record StudyReference(Guid? StudyId, string? PatientNumber, DateOnly? AcquiredOn)
{
    public override string ToString() =>
        StudyId?.ToString() ?? $"{PatientNumber} {AcquiredOn?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}";
}

/// <summary>A reference in the words of whoever sends it: the columns of a line, or the fields of an object.</summary>
/// <param name="StudyDate">The film's, as yyyy-mm-dd; FoundOn likewise.</param>
public sealed record ReferenceEntry(
    string? StudyId = null, string? PatientNumber = null, string? StudyDate = null, string? Source = null, string? Result = null,
    string? FoundOn = null);

/// <param name="Line">In the file, from 1.</param>
/// <param name="Error">Why the line cannot be understood; null where it can.</param>
sealed record ReferenceLine(
    int Line, string Study, StudyReference? Reference, ReferenceSource Source, ReferenceResult Result, DateOnly FoundOn,
    string? Error = null);

/// <summary>The columns of an import. A word that is not in the list is an error, never a guess.</summary>
public static class ReferenceCsv
{
    public const int MaxBytes = 4 * 1024 * 1024;

    public const int MaxLines = 20_000;

    public const string StudyId =
        "study_id", PatientNumber = "patient_number", StudyDate = "study_date", Source = "source", Result = "result", FoundOn = "found_on";

    public static IReadOnlyDictionary<string, ReferenceSource> Sources { get; } = new Dictionary<string, ReferenceSource>(
        StringComparer.OrdinalIgnoreCase)
    {
        ["rt-pcr"] = ReferenceSource.RtPcr,
        ["consensus"] = ReferenceSource.Consensus,
        ["follow-up"] = ReferenceSource.FollowUp,
    };

    public static IReadOnlyDictionary<string, ReferenceResult> Results { get; } = new Dictionary<string, ReferenceResult>(
        StringComparer.OrdinalIgnoreCase)
    {
        ["positive"] = ReferenceResult.Positive,
        ["negative"] = ReferenceResult.Negative,
        ["indeterminate"] = ReferenceResult.Indeterminate,
    };

    /// <returns>The lines, or why the file as a whole cannot be taken.</returns>
    internal static (IReadOnlyList<ReferenceLine> Lines, string? Error) Parse(string text)
    {
        if (text.Length > MaxBytes)
        {
            return ([], $"The file is larger than {MaxBytes / 1024 / 1024} MB.");
        }

        CsvTable table;
        try
        {
            table = CsvTable.Parse(text);
        }
        catch (DataSetException e)
        {
            return ([], e.Message);
        }

        if (table.Columns.Count == 0)
        {
            return ([], "The file is empty.");
        }

        if (table.Repeated.Count > 0)
        {
            return ([], "Two columns have the same name.");
        }

        string[] missing = [.. new[] { Source, Result, FoundOn }.Where(c => table.Find(c) is null)];
        if (missing.Length > 0 || (table.Find(StudyId) is null && (table.Find(PatientNumber) is null || table.Find(StudyDate) is null)))
        {
            return (
                [],
                $"The first line must name the columns: {StudyId}, or {PatientNumber} and {StudyDate}; and {Source}, {Result}, {FoundOn}.");
        }

        return table.Rows.Count > MaxLines
            ? ([], $"The file has more than {MaxLines} lines.")
            : ([.. table.Rows.Select(r => Line(r, table))], null);
    }

    static ReferenceLine Line(CsvRow row, CsvTable table)
    {
        var line = Read(row.Line, new(Of(StudyId), Of(PatientNumber), Of(StudyDate), Of(Source), Of(Result), Of(FoundOn)));
        // Nothing says which of its cells is which.
        return row.IsTooLong
            ? new(row.Line, line.Study, null, default, default, default, "The line has more cells than there are columns.")
            : line;

        string Of(string column) => row[table.Find(column)];
    }

    internal static ReferenceLine Read(int line, ReferenceEntry entry)
    {
        var (id, patient, date) = (entry.StudyId?.Trim() ?? "", entry.PatientNumber?.Trim() ?? "", entry.StudyDate?.Trim() ?? "");
        var said = id.Length > 0 ? id : $"{patient} {date}".Trim();
        if (Reference(id, patient, date) is not { } reference)
        {
            return Wrong(
                id.Length > 0 ? "The study id is none." : $"A study id, or a patient number and a {StudyDate} as yyyy-mm-dd, is needed.");
        }

        if (!Sources.TryGetValue(entry.Source?.Trim() ?? "", out var source))
        {
            return Wrong($"The source must be {string.Join(", ", Sources.Keys)}.");
        }

        if (!Results.TryGetValue(entry.Result?.Trim() ?? "", out var result))
        {
            return Wrong($"The result must be {string.Join(", ", Results.Keys)}.");
        }

        return Date(entry.FoundOn?.Trim() ?? "") is { } foundOn
            ? new(line, said, reference, source, result, foundOn)
            : Wrong($"{FoundOn} must be a date as yyyy-mm-dd.");

        ReferenceLine Wrong(string error) => new(line, said, null, default, default, default, error);
    }

    static StudyReference? Reference(string id, string patient, string date) => (id.Length > 0, patient.Length > 0, Date(date)) switch
    {
        (true, _, _) => Guid.TryParse(id, out var studyId) ? new(studyId, null, null) : null,
        (_, true, { } day) => new(null, patient, day),
        _ => null,
    };

    static DateOnly? Date(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;
}

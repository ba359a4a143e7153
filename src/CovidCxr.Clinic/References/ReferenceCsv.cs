using System.Globalization;
using System.Text.Json.Serialization;
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
/// <param name="StudyDate">The film's; FoundOn likewise. A program writes yyyy-mm-dd.</param>
public sealed record ReferenceEntry(
    [property: JsonPropertyName(ReferenceCsv.StudyId)] string? StudyId = null,
    [property: JsonPropertyName(ReferenceCsv.PatientNumber)] string? PatientNumber = null,
    [property: JsonPropertyName(ReferenceCsv.StudyDate)] string? StudyDate = null,
    [property: JsonPropertyName(ReferenceCsv.Source)] string? Source = null,
    [property: JsonPropertyName(ReferenceCsv.Result)] string? Result = null,
    [property: JsonPropertyName(ReferenceCsv.FoundOn)] string? FoundOn = null);

/// <param name="Line">In the file, from 1.</param>
/// <param name="Error">Why the line cannot be understood; null where it can.</param>
/// <param name="FoundOnText">The day as it is written.</param>
sealed record ReferenceLine(
    int Line, string Study, StudyReference? Reference, ReferenceSource Source, ReferenceResult Result, DateOnly FoundOn,
    string? Error = null, string FoundOnText = "");

/// <summary>How days are to be read where a file leaves it open; null where nobody was asked.</summary>
public sealed record DayOrders(DayOrder? StudyDate = null, DayOrder? FoundOn = null)
{
    /// <param name="column">As a question names it.</param>
    public DayOrders With(string column, DayOrder order) =>
        column == ReferenceCsv.StudyDate ? this with { StudyDate = order } : this with { FoundOn = order };
}

/// <summary>The lines of a file, or why it cannot be taken, or what a person must say of its days first.</summary>
sealed record ReferenceLines(IReadOnlyList<ReferenceLine> Lines, string? Error, IReadOnlyList<DayQuestion> Questions)
{
    public static ReferenceLines Refused(string error) => new([], error, []);
}

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

    /// <returns>Null where the bytes may be text.</returns>
    public static string? Refusal(ReadOnlySpan<byte> bytes) => bytes is [0x50, 0x4B, 0x03, 0x04, ..] or [0xD0, 0xCF, 0x11, 0xE0, ..]
        ? "This is a spreadsheet's own file (.xlsx, .xls, .ods). Open it there, choose File, Save as, and the type CSV (best: CSV UTF-8); "
            + "then choose that file here."
        : null;

    internal static ReferenceLines Parse(string text, DayOrders orders)
    {
        if (text.Length > MaxBytes)
        {
            return ReferenceLines.Refused($"The file is larger than {MaxBytes / 1024 / 1024} MB.");
        }

        CsvTable table;
        try
        {
            table = CsvTable.Parse(text);
        }
        catch (DataSetException e)
        {
            return ReferenceLines.Refused(e.Message);
        }

        if (table.Columns.Count == 0)
        {
            return ReferenceLines.Refused("The file is empty.");
        }

        if (table.Repeated.Count > 0)
        {
            return ReferenceLines.Refused("Two columns have the same name.");
        }

        string[] missing = [.. new[] { Source, Result, FoundOn }.Where(c => table.Find(c) is null)];
        if (missing.Length > 0 || (table.Find(StudyId) is null && (table.Find(PatientNumber) is null || table.Find(StudyDate) is null)))
        {
            return ReferenceLines.Refused(
                $"The first line must name the columns: {StudyId}, or {PatientNumber} and {StudyDate}; and {Source}, {Result}, {FoundOn}.");
        }

        if (table.Rows.Count > MaxLines)
        {
            return ReferenceLines.Refused($"The file has more than {MaxLines} lines.");
        }

        var (film, found) = (Days(StudyDate, orders.StudyDate), Days(FoundOn, orders.FoundOn));
        DayQuestion[] questions = [.. new[] { film.Question, found.Question }.OfType<DayQuestion>()];
        return (film.Error ?? found.Error) is { } error ? ReferenceLines.Refused(error)
            : questions.Length > 0 ? new([], null, questions)
            : new([.. table.Rows.Select(r => Line(r, table, film, found))], null, []);

        // A line with more cells than columns does not say which of them is the day.
        DayColumn Days(string column, DayOrder? answer) => DayColumn.Of(
            column, table.Rows.Where(r => !r.IsTooLong).Select(r => (r.Line, r[table.Find(column)])), answer);
    }

    static ReferenceLine Line(CsvRow row, CsvTable table, DayColumn film, DayColumn found)
    {
        var line = Read(row.Line, new(Of(StudyId), Of(PatientNumber), Of(StudyDate), Of(Source), Of(Result), Of(FoundOn)), film, found);
        // Nothing says which of its cells is which.
        return row.IsTooLong
            ? new(row.Line, line.Study, null, default, default, default, "The line has more cells than there are columns.")
            : line;

        string Of(string column) => row[table.Find(column)];
    }

    /// <summary>Of a program.</summary>
    internal static ReferenceLine Read(int line, ReferenceEntry entry) => Read(line, entry, DayColumn.OfPrograms, DayColumn.OfPrograms);

    static ReferenceLine Read(int line, ReferenceEntry entry, DayColumn film, DayColumn found)
    {
        var formats = found == DayColumn.OfPrograms ? "yyyy-mm-dd" : DayColumn.Formats;
        var (id, patient, date) = (entry.StudyId?.Trim() ?? "", entry.PatientNumber?.Trim() ?? "", entry.StudyDate?.Trim() ?? "");
        var said = id.Length > 0 ? id : $"{patient} {date}".Trim();
        if (Reference(id, patient, film.Read(date)) is not { } reference)
        {
            return Wrong(
                id.Length > 0 ? "The study id is none." : $"A study id, or a patient number and a {StudyDate} as {formats}, is needed.");
        }

        if (!Sources.TryGetValue(entry.Source?.Trim() ?? "", out var source))
        {
            return Wrong($"The source must be {string.Join(", ", Sources.Keys)}.");
        }

        if (!Results.TryGetValue(entry.Result?.Trim() ?? "", out var result))
        {
            return Wrong($"The result must be {string.Join(", ", Results.Keys)}.");
        }

        var foundText = entry.FoundOn?.Trim() ?? "";
        return found.Read(foundText) is { } foundOn
            ? new(line, said, reference, source, result, foundOn, FoundOnText: foundText)
            : Wrong($"{FoundOn} must be a date as {formats}.");

        ReferenceLine Wrong(string error) => new(line, said, null, default, default, default, error);
    }

    static StudyReference? Reference(string id, string patient, DateOnly? date) => (id.Length > 0, patient.Length > 0, date) switch
    {
        (true, _, _) => Guid.TryParse(id, out var studyId) ? new(studyId, null, null) : null,
        (_, true, { } day) => new(null, patient, day),
        _ => null,
    };
}

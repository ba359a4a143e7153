using System.Text.RegularExpressions;

namespace CovidCxr.Learning.Data;

/// <summary>
/// A table of separated values as spreadsheets and scripts of all countries write it. The one reader of the house: imports, configurations
/// and references use it.
/// </summary>
public sealed partial class CsvTable
{
    const int MostRows = 500_000, Sniffed = 50, LinesNamed = 5;

    static readonly char[] Separators = [',', ';', '\t', '|'];

    CsvTable(IReadOnlyList<string> columns, IReadOnlyList<string> repeated, IReadOnlyList<CsvRow> rows, IReadOnlyList<int> blank)
    {
        (Columns, Repeated, Rows) = (columns, repeated, rows);
        var shorter = rows.Where(r => r.Given < columns.Count).Select(r => r.Line).ToList();
        var longer = rows.Where(r => r.IsTooLong).Select(r => r.Line).ToList();
        Remarks =
        [
            .. Remark(blank, "is blank", "are blank", ""),
            .. Remark(shorter, "has", "have", " fewer cells than the table has columns: the missing ones count as empty"),
            .. Remark(longer, "has", "have", " more cells than the table has columns, so that nothing says which is which"),
            .. repeated.Count == 0
                ? Array.Empty<string>()
                : [$"Several columns have the name {string.Join(", ", repeated)}: the first is meant, the others are numbered."],
        ];
    }

    /// <summary>
    /// Names as the file has them, trimmed, none twice whatever its case: the second `Finding` is `Finding (2)`, one without a name `column
    /// 3`.
    /// </summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Names that several columns have, whatever their case.</summary>
    public IReadOnlyList<string> Repeated { get; }

    /// <summary>Without blank ones. Rows that are too long are among them.</summary>
    public IReadOnlyList<CsvRow> Rows { get; }

    /// <summary>What is odd about the table, by line, in words.</summary>
    public IReadOnlyList<string> Remarks { get; }

    /// <exception cref="DataSetException">There are more than 500,000 rows.</exception>
    public static CsvTable Read(ReadOnlySpan<byte> bytes) => Parse(TableText.Decode(bytes));

    /// <exception cref="DataSetException">There are more than 500,000 rows.</exception>
    public static CsvTable Parse(string text)
    {
        var content = text.TrimStart('\uFEFF');
        var separator = Declared().Match(content) is { Success: true } match ? match.Groups[1].Value[0] : Sniff(content);
        var records = new CsvRecords(content, separator);
        List<string>? header = null;
        List<(int Line, List<string> Cells)> rows = [];
        List<int> blank = [];
        while (records.Next(header?.Count ?? 0) is { } record)
        {
            if (header is null && Declared().IsMatch(string.Join(separator, record.Cells)))
            {
                continue;
            }

            if (record.Cells.TrueForAll(c => c.Length == 0))
            {
                blank.Add(record.Line);
            }
            else if (header is null)
            {
                header = record.Cells;
            }
            else if (rows.Count == MostRows)
            {
                throw new DataSetException($"The table has more than {MostRows} rows.");
            }
            else
            {
                rows.Add(record);
            }
        }

        return Of(header ?? [], rows, blank);
    }

    /// <summary>
    /// The column of that name: letter for letter, else whatever its case, else whatever its blanks and signs, where one alone is meant.
    /// </summary>
    /// <returns>Its index; null where there is none.</returns>
    public int? Find(string? name)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            return null;
        }

        var trimmed = name.Trim();
        return Only(c => c == trimmed) ?? Only(c => string.Equals(c, trimmed, StringComparison.OrdinalIgnoreCase))
            ?? Only(c => Plain(c) == Plain(trimmed) && Plain(c).Length > 0);
    }

    /// <summary>A column's name without case, blanks and signs.</summary>
    public static string Plain(string column) => new([.. column.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant)]);

    int? Only(Func<string, bool> isMeant) =>
        Enumerable.Range(0, Columns.Count).Where(i => isMeant(Columns[i])).ToList() is [var only] ? only : null;

    static CsvTable Of(List<string> header, List<(int Line, List<string> Cells)> rows, List<int> blank)
    {
        // R writes the rows' names without a name of their column.
        if (rows.Count > 0 && rows.TrueForAll(r => r.Cells.Count == header.Count + 1) && rows.Exists(r => r.Cells[^1].Length > 0))
        {
            header = ["", .. header];
        }

        var columns = new List<string>();
        var repeated = new List<string>();
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var numbers = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var (i, cell) in header.Index())
        {
            var name = cell.Trim() is { Length: > 0 } given ? given : $"column {i + 1}";
            var unique = name;
            while (!taken.Add(unique))
            {
                if (!numbers.TryGetValue(name, out var number))
                {
                    number = 1;
                    repeated.Add(name);
                }

                numbers[name] = ++number;
                unique = $"{name} ({number})";
            }

            columns.Add(unique);
        }

        return new(columns, repeated, rows.ConvertAll(r => CsvRow.Of(r.Line, r.Cells, columns.Count)), blank);
    }

    // The separator with which the quotes make sense and the most rows have as many cells as the header.
    static char Sniff(string text)
    {
        var fitting = Separators.Select(s => (Separator: s, Score: Score(text, s))).Where(s => s.Score.Columns > 1).ToList();
        return fitting.Count == 0 ? '\0'
            : fitting.OrderBy(s => s.Score.Faults).ThenByDescending(s => s.Score.Alike).ThenByDescending(s => s.Score.Columns)
                .First().Separator;
    }

    static (int Faults, int Alike, int Columns) Score(string text, char separator)
    {
        var records = new CsvRecords(text, separator);
        var (columns, alike) = (0, 0);
        for (var count = 0; count < Sniffed && records.Next(columns) is { } record; count++)
        {
            if (!record.Cells.TrueForAll(c => c.Length == 0))
            {
                columns = columns == 0 ? record.Cells.Count : columns;
                alike += record.Cells.Count == columns ? 1 : 0;
            }
        }

        return (records.Faults, alike, columns);
    }

    static IEnumerable<string> Remark(IReadOnlyList<int> lines, string one, string many, string words)
    {
        if (lines.Count > 0)
        {
            var more = lines.Count > LinesNamed ? $" and {lines.Count - LinesNamed} more" : "";
            yield return $"{(lines.Count == 1 ? "Line" : "Lines")} {string.Join(", ", lines.Take(LinesNamed))}{more} "
                + $"{(lines.Count == 1 ? one : many)}{words}.";
        }
    }

    // Excel's own first line.
    [GeneratedRegex("""^"?sep=([^\r\n"])"?[ \t]*(?:\r|\n|$)""", RegexOptions.IgnoreCase)]
    private static partial Regex Declared();
}

/// <summary>One row of a table.</summary>
/// <param name="Line">In the file, from 1; the first of several where a cell holds line breaks.</param>
/// <param name="Cells">As many as the table has columns.</param>
/// <param name="Given">Cells that the file has.</param>
/// <param name="IsTooLong">More cells than columns, and not empty ones: a separator stands unquoted in a cell, and nobody knows in
/// which.</param>
public sealed record CsvRow(int Line, IReadOnlyList<string> Cells, int Given, bool IsTooLong)
{
    /// <summary>The cell, trimmed; empty where there is no such column.</summary>
    public string this[int? column] => column is { } index && index < Cells.Count ? Cells[index].Trim() : "";

    internal static CsvRow Of(int line, List<string> cells, int columns) => new(
        line, cells.Count == columns ? cells : [.. cells.Take(columns), .. Enumerable.Repeat("", Math.Max(0, columns - cells.Count))],
        cells.Count,
        cells.Skip(columns).Any(c => c.Length > 0));
}

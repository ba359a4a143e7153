using System.Buffers;
using System.Text;

namespace CovidCxr.Clinic.References;

/// <summary>Comma-separated values as RFC 4180 has them, read from any spreadsheet and safe to open in one.</summary>
static class Csv
{
    static readonly SearchValues<char> CellEnds = SearchValues.Create("\",;\r\n\t");

    /// <summary>
    /// A cell that a spreadsheet shows as it is: one that begins like a formula is preceded by an apostrophe (OWASP, CSV injection), and what would end
    /// the cell is quoted.
    /// </summary>
    public static string Cell(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var safe = text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' ? "'" + text : text;
        return safe.AsSpan().ContainsAny(CellEnds) ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }

    public static string Line(params ReadOnlySpan<string?> cells)
    {
        var line = new StringBuilder();
        for (var i = 0; i < cells.Length; i++)
        {
            line.Append(i == 0 ? "" : ",").Append(Cell(cells[i]));
        }

        return line.Append("\r\n").ToString();
    }

    /// <summary>Separated by semicolons where the first line holds one, as spreadsheets of many countries write.</summary>
    public static IEnumerable<IReadOnlyList<string>> Read(string text)
    {
        var content = text.TrimStart('\uFEFF');
        var firstLine = content.AsSpan()[..(content.IndexOf('\n', StringComparison.Ordinal) is var end and >= 0 ? end : content.Length)];
        return Read(content, firstLine.Contains(';') ? ';' : ',');
    }

    static IEnumerable<IReadOnlyList<string>> Read(string text, char separator)
    {
        List<string> cells = [];
        var cell = new StringBuilder();
        var isQuoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (isQuoted)
            {
                if (c != '"')
                {
                    cell.Append(c);
                }
                else if (i + 1 < text.Length && text[i + 1] == '"')
                {
                    cell.Append('"');
                    i++;
                }
                else
                {
                    isQuoted = false;
                }
            }
            else if (c == '"' && cell.Length == 0)
            {
                isQuoted = true;
            }
            else if (c == separator || c == '\n')
            {
                cells.Add(cell.ToString().Trim());
                cell.Clear();
                if (c == '\n')
                {
                    yield return cells;
                    cells = [];
                }
            }
            else
            {
                cell.Append(c);
            }
        }

        if (cell.Length > 0 || cells.Count > 0)
        {
            cells.Add(cell.ToString().Trim());
            yield return cells;
        }
    }
}

using System.Buffers;
using System.Text;

namespace CovidCxr.Learning.Files;

/// <summary>Writes comma-separated values as RFC 4180 has them, safe to open in a spreadsheet.</summary>
public static class Csv
{
    static readonly SearchValues<char> CellEnds = SearchValues.Create("\",;\r\n\t");

    /// <summary>
    /// A cell that a spreadsheet shows as it is: one that begins like a formula is preceded by an apostrophe (OWASP, CSV injection), and
    /// what would end the cell is quoted.
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

    /// <summary>A line of such cells, with its end.</summary>
    public static string Line(params ReadOnlySpan<string?> cells)
    {
        var line = new StringBuilder();
        for (var i = 0; i < cells.Length; i++)
        {
            line.Append(i == 0 ? "" : ",").Append(Cell(cells[i]));
        }

        return line.Append("\r\n").ToString();
    }
}

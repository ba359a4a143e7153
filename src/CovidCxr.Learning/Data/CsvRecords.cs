using System.Text;

namespace CovidCxr.Learning.Data;

/// <summary>
/// Cuts a text into records and cells (RFC 4180) and bears what people's files have besides: a quote inside an unquoted cell is a letter,
/// and so is one that opens a cell and is never closed.
/// </summary>
/// <param name="separator">'\0' where the table has one column.</param>
sealed class CsvRecords(string text, char separator)
{
    // Excel's longest cell has 32,767 characters: a quote that closes later than this opened nothing.
    const int MostQuoted = 100_000;

    int _at;
    int _line = 1;

    /// <summary>Quotes that mean nothing with this separator.</summary>
    public int Faults { get; private set; }

    /// <param name="width">Cells that a record should have; 0 where it is not known. A quote that swallows lines and leaves another number
    /// is taken for a letter.</param>
    /// <returns>The next record and the line it starts on, from 1; null at the end.</returns>
    public (int Line, List<string> Cells)? Next(int width)
    {
        if (_at >= text.Length)
        {
            return null;
        }

        var (start, first) = (_at, _line);
        var cells = Record(quotes: true);
        if (width == 0 || cells.Count == width || _line <= first + 1)
        {
            return (first, cells);
        }

        var (end, last) = (_at, _line);
        (_at, _line) = (start, first);
        var literal = Record(quotes: false);
        if (literal.Count == width)
        {
            Faults++;
            return (first, literal);
        }

        (_at, _line) = (end, last);
        return (first, cells);
    }

    List<string> Record(bool quotes)
    {
        List<string> cells = [];
        while (true)
        {
            cells.Add((quotes ? Quoted() : null) ?? Plain(""));
            if (_at >= text.Length)
            {
                return cells;
            }

            if (text[_at] == separator)
            {
                _at++;
                continue;
            }

            _at += text[_at] == '\r' && _at + 1 < text.Length && text[_at + 1] == '\n' ? 2 : 1;
            _line++;
            return cells;
        }
    }

    // Up to the separator or the line's end, quotes included.
    string Plain(string before)
    {
        var start = _at;
        while (_at < text.Length && text[_at] != separator && text[_at] is not ('\r' or '\n'))
        {
            Faults += text[_at] == '"' ? 1 : 0;
            _at++;
        }

        return (before + text[start.._at]).Trim();
    }

    /// <returns>Null, with nothing read, where the cell is not quoted.</returns>
    string? Quoted()
    {
        var open = Blanks(_at);
        if (open >= text.Length || text[open] != '"')
        {
            return null;
        }

        var cell = new StringBuilder();
        var (i, lines) = (open + 1, 0);
        for (; i < text.Length && i - open < MostQuoted; i++)
        {
            if (text[i] != '"')
            {
                lines += text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n')) ? 1 : 0;
                cell.Append(text[i]);
            }
            else if (i + 1 < text.Length && text[i + 1] == '"')
            {
                cell.Append('"');
                i++;
            }
            else
            {
                return Closed(cell.ToString(), i + 1, lines);
            }
        }

        return null;
    }

    string? Closed(string cell, int after, int lines)
    {
        var end = Blanks(after);
        if (end >= text.Length || text[end] == separator || text[end] is '\r' or '\n')
        {
            (_at, _line) = (end, _line + lines);
            return cell;
        }

        // Letters after the closing quote: of a cell on one line they belong to it, as Python reads them; over several lines the first
        // quote was none.
        Faults++;
        if (lines > 0)
        {
            return null;
        }

        _at = after;
        return Plain(cell);
    }

    int Blanks(int from)
    {
        while (from < text.Length && (text[from] == ' ' || text[from] == '\u00A0' || (text[from] == '\t' && separator != '\t')))
        {
            from++;
        }

        return from;
    }
}

using System.Globalization;
using System.Text;

namespace CovidCxr.Hospital.Hl7;

/// <summary>What a message is taken apart by (MSH-1, MSH-2).</summary>
readonly record struct Separators(char Field, char Component, char Repetition, char Escape, char Subcomponent)
{
    public static readonly Separators Usual = new('|', '^', '~', '\\', '&');
}

/// <summary>A segment: its fields as they came, taken apart and unescaped when they are asked for. Numbers begin at 1.</summary>
sealed class Hl7Segment
{
    public const string HeaderName = "MSH";

    const int NameLength = 3, MaxComponents = 100;

    readonly string[] _fields;
    readonly Encoding _encoding;

    Hl7Segment(string name, string[] fields, Separators separators, Encoding encoding) =>
        (Name, _fields, Separators, _encoding) = (name, fields, separators, encoding);

    public string Name { get; }

    public Separators Separators { get; }

    /// <summary>A header, whose separators are its own.</summary>
    /// <returns>Null where it is none.</returns>
    public static Hl7Segment? ReadHeader(string line)
    {
        // MSH|^~\&|, and since 2.7 MSH|^~\&#|.
        var end = line.StartsWith(HeaderName, StringComparison.Ordinal) && line.Length > 4 ? line.IndexOf(line[3], 4) : -1;
        if (end is not (8 or 9))
        {
            return null;
        }

        char[] signs = [line[3], .. line[4..end]];
        return signs.Distinct().Count() == signs.Length && signs.All(c => c is > ' ' and <= '~' && !char.IsAsciiLetterOrDigit(c))
            ? Read(line, new(line[3], line[4], line[5], line[6], line[7]), Encoding.Latin1)
            : null;
    }

    /// <returns>Null where it is none, or has more in it than is read.</returns>
    public static Hl7Segment? Read(string line, Separators separators, Encoding encoding)
    {
        if (line.Length < NameLength || !char.IsAsciiLetterUpper(line[0])
            || !line[1..NameLength].All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c))
            || (line.Length > NameLength && line[NameLength] != separators.Field))
        {
            return null;
        }

        var fields = line.Split(separators.Field, Hl7Message.MaxFields + 2);
        var isHeader = fields[0] == HeaderName;
        return fields.Length <= Hl7Message.MaxFields + 1
            && fields.Skip(isHeader ? 2 : 1).All(f => f.AsSpan().Count(separators.Repetition) < Hl7Message.MaxRepetitions)
            ? new(fields[0], fields, separators, encoding)
            : null;
    }

    /// <summary>The repetitions of a field, as they came; none where it is empty or not there.</summary>
    public IReadOnlyList<string> Repetitions(int field) =>
        Raw(field) is { Length: > 0 } raw ? raw.Split(Separators.Repetition) : [];

    /// <summary>A part of a field's first repetition; empty where there is none.</summary>
    public string Text(int field, int component = 1, int subcomponent = 1) =>
        Repetitions(field) is [var first, ..] ? Part(first, component, subcomponent) : "";

    /// <summary>A part of a repetition, unescaped; empty where there is none.</summary>
    public string Part(string repetition, int component, int subcomponent = 1) =>
        Plain(Nth(Nth(repetition, Separators.Component, component), Separators.Subcomponent, subcomponent));

    /// <summary>MSH-1 stands before the first separator that it is.</summary>
    string Raw(int field)
    {
        var index = Name == HeaderName ? field - 1 : field;
        return index >= 1 && index < _fields.Length ? _fields[index] : "";
    }

    static string Nth(string text, char separator, int number)
    {
        if (number == 1 && !text.Contains(separator))
        {
            return text;
        }

        var parts = text.Split(separator, MaxComponents + 1);
        return number <= Math.Min(parts.Length, MaxComponents) ? parts[number - 1] : "";
    }

    string Plain(string raw)
    {
        if (!raw.Contains(Separators.Escape))
        {
            return raw;
        }

        var plain = new StringBuilder();
        for (var at = 0; at < raw.Length;)
        {
            if (raw[at] != Separators.Escape)
            {
                plain.Append(raw[at++]);
                continue;
            }

            var end = raw.IndexOf(Separators.Escape, at + 1);
            plain.Append(end < 0 ? $"{Hl7Message.Unreadable}" : Unescape(raw[(at + 1)..end]));
            at = end < 0 ? at + 1 : end + 1;
        }

        return plain.ToString();
    }

    // Chapter 2, 2.7. Highlighting has no meaning here.
    string Unescape(string sequence) => sequence switch
    {
        "F" => $"{Separators.Field}",
        "S" => $"{Separators.Component}",
        "T" => $"{Separators.Subcomponent}",
        "R" => $"{Separators.Repetition}",
        "E" => $"{Separators.Escape}",
        "H" or "N" => "",
        ".br" => "\n",
        ['X', .. { Length: > 0 } hex] when hex.Length % 2 == 0 && hex.All(char.IsAsciiHexDigit) =>
            _encoding.GetString(Convert.FromHexString(hex)),
        _ => $"{Hl7Message.Unreadable}",
    };
}

/// <summary>Writes what <see cref="Hl7Segment"/> reads, with the usual separators.</summary>
static class Hl7Text
{
    /// <summary>A segment with its end; empty fields at the end are left out.</summary>
    /// <param name="fields">From the first one on, escaped; of a header from MSH-2 on.</param>
    public static string Segment(string name, params string[] fields) =>
        $"{name}|{string.Join('|', fields)}".TrimEnd('|') + "\r";

    /// <summary>A field of components, which are escaped here.</summary>
    public static string Components(params string[] parts) => string.Join('^', parts.Select(Escape)).TrimEnd('^');

    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var sign in text.ReplaceLineEndings("\n"))
        {
            _ = sign switch
            {
                '|' => escaped.Append(@"\F\"),
                '^' => escaped.Append(@"\S\"),
                '&' => escaped.Append(@"\T\"),
                '~' => escaped.Append(@"\R\"),
                '\\' => escaped.Append(@"\E\"),
                '\n' => escaped.Append(@"\.br\"),
                < ' ' or '\x7F' => escaped.Append(CultureInfo.InvariantCulture, $@"\X{(int)sign:X2}\"),
                _ => escaped.Append(sign),
            };
        }

        return escaped.ToString();
    }

    /// <summary>A moment to the second with its zone (DTM).</summary>
    public static string Time(DateTimeOffset at) =>
        at.ToString("yyyyMMddHHmmsszzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal);
}

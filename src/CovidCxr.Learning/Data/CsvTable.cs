using System.Text;

namespace CovidCxr.Learning.Data;

/// <summary>Reads comma-separated values with quotes (RFC 4180) into rows by column name.</summary>
public static class CsvTable
{
    public static IEnumerable<IReadOnlyDictionary<string, string>> Read(TextReader reader)
    {
        var header = ReadRecord(reader) ?? [];
        while (ReadRecord(reader) is { } record)
        {
            yield return header.Zip(record).GroupBy(p => p.First).ToDictionary(g => g.Key, g => g.First().Second, StringComparer.OrdinalIgnoreCase);
        }
    }

    static List<string>? ReadRecord(TextReader reader)
    {
        if (reader.Peek() < 0)
        {
            return null;
        }

        var fields = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        while (true)
        {
            var c = reader.Read();
            if (c < 0 || (!quoted && c == '\n'))
            {
                fields.Add(field.ToString().TrimEnd('\r'));
                return fields;
            }

            if (c == '"' && quoted && reader.Peek() == '"')
            {
                field.Append((char)reader.Read());
            }
            else if (c == '"')
            {
                quoted = !quoted;
            }
            else if (c == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
            {
                field.Append((char)c);
            }
        }
    }
}

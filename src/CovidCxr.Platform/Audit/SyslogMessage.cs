using System.Globalization;
using System.Text;
using CovidCxr.Domain.Audit;

namespace CovidCxr.Platform.Audit;

/// <summary>
/// An entry of the trail, or its head, as one message of RFC 5424. The structured data tell who did what to which study, without the free
/// text; the message ends in the number and the seal, which every format of a collector's file keeps.
/// </summary>
static class SyslogMessage
{
    // Facility 13 is "log audit".
    const int Facility = 13, Error = 3, Warning = 4, Notice = 5, Informational = 6;

    // The number for those who have none of their own (RFC 5612).
    const string Enterprise = "32473";

    static readonly string Host = Name(Environment.MachineName);

    public static string Of(AuditEntry entry)
    {
        var severity = entry.Outcome switch
        {
            AuditOutcome.Succeeded => Informational,
            AuditOutcome.Refused => Warning,
            _ => Error,
        };
        var data = Data(
            "entry", ("id", Text(entry.Id)), ("action", $"{entry.Action}"), ("outcome", $"{entry.Outcome}"),
            ("userId", entry.UserId?.ToString()), ("user", entry.UserName), ("study", entry.StudyId?.ToString()),
            ("from", entry.Source), ("spilled", entry.IsSpilled ? "true" : null));
        return Of(
            severity, entry.At, "ENTRY", data, $"{entry.Action} {entry.Outcome} entry id={Text(entry.Id)} seal={Hex(entry.Seal)}");
    }

    public static string Of(AuditHead head, DateTimeOffset at)
    {
        (string Name, string Value)[] values =
        [
            ("count", Text(head.Count)), ("last", Text(head.LastId)), ("seal", Hex(head.Seal)), ("signature", Hex(head.Signature)),
        ];
        return Of(
            Notice, at, "HEAD", Data("head", [.. values.Select(v => (v.Name, (string?)v.Value))]),
            $"head {string.Join(' ', values.Select(v => $"{v.Name}={v.Value}"))}");
    }

    static string Of(int severity, DateTimeOffset at, string kind, string data, string message) => string.Create(
        CultureInfo.InvariantCulture,
        $"<{(Facility * 8) + severity}>1 {at.UtcDateTime:yyyy-MM-ddTHH:mm:ss.ffffff}Z {Host} covidcxr {Environment.ProcessId} {kind} "
            + $"{data} {message}");

    static string Data(string name, params IEnumerable<(string Name, string? Value)> values)
    {
        var data = new StringBuilder($"[{name}@{Enterprise}");
        foreach (var (key, value) in values.Where(v => v.Value is not null))
        {
            data.Append(CultureInfo.InvariantCulture, $" {key}=\"");
            foreach (var c in value!)
            {
                // Three characters are escaped, and no line ends amid a message.
                data.Append(c is '"' or '\\' or ']' ? $"\\{c}" : char.IsControl(c) ? " " : $"{c}");
            }

            data.Append('"');
        }

        return data.Append(']').ToString();
    }

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    static string Hex(byte[]? bytes) => Convert.ToHexString(bytes ?? []);

    // 1 to 255 printable characters of ASCII, or "-".
    static string Name(string name) =>
        string.Concat(name.Where(c => c is > ' ' and < '\x7f').Take(255)) is { Length: > 0 } clean ? clean : "-";
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Studies;

namespace CovidCxr.Hospital.Hl7;

/// <summary>What a message says of a patient, as far as films need it. The name is not read.</summary>
/// <param name="Event">A08, A31, A40 or A47.</param>
/// <param name="SentAt">MSH-7, as it came.</param>
/// <param name="Number">Null where the message has none of the authority that counts.</param>
/// <param name="FormerNumber">MRG-1; null for an update, and as Number.</param>
sealed partial record AdtMessage(
    string Application, string Facility, string ControlId, string Event, string SentAt, string? Number, string? FormerNumber, Sex Sex,
    DateOnly? BirthDate)
{
    /// <summary>The events that are read. What they say is done alike: A31 as A08, A47 as A40.</summary>
    public static readonly IReadOnlyDictionary<string, MessageKind> Events = new Dictionary<string, MessageKind>
    {
        ["A08"] = MessageKind.Update,
        ["A31"] = MessageKind.Update,
        ["A40"] = MessageKind.Merge,
        ["A47"] = MessageKind.Merge,
    };

    const int MaxNumber = 64;

    // "" means that the sender deletes the value (chapter 2, 2.5.3).
    const string Null = "\"\"";

    public MessageKind Kind => Events[Event];

    /// <summary>Of what it says, with the moment: another message under the same control id has another one.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
        '\n', Event, SentAt, Number, FormerNumber, Sex, BirthDate?.ToString("yyyyMMdd", CultureInfo.InvariantCulture)))));

    /// <param name="authority">The assigning authority whose numbers count; empty for the first number.</param>
    public static (AdtMessage? Message, Hl7Error? Error) Read(Hl7Message message, string authority)
    {
        var header = message.Segments[0];
        if (HeaderError(header) is { } error)
        {
            return (null, error);
        }

        var trigger = header.Text(9, 2);
        var isMerge = Events[trigger] == MessageKind.Merge;
        if (message.All("PID").Count() != 1 || (isMerge && message.All("MRG").Count() != 1))
        {
            return (null, new(
                Hl7Error.Error, Hl7Error.Sequence, $"It must have one PID{(isMerge ? " and one MRG" : "")}: one patient in one message."));
        }

        var patient = message.All("PID").Single();
        var (number, numberError) = NumberOf(patient, 3, authority);
        var (former, formerError) = isMerge ? NumberOf(message.All("MRG").Single(), 1, authority) : (null, null);
        if (isMerge && authority.Length == 0 && AuthorityOf(patient, 3) != AuthorityOf(message.All("MRG").Single(), 1))
        {
            return (null, new(Hl7Error.Error, Hl7Error.DataType, "Both numbers must be of one authority.", "MRG^1^1"));
        }

        var (sex, sexError) = SexOf(patient);
        var (born, bornError) = BirthDateOf(patient);
        return (numberError ?? formerError ?? sexError ?? bornError) is { } wrong
            ? (null, wrong)
            : (new(header.Text(3), header.Text(4), header.Text(10), trigger, header.Text(7), number, former, sex, born), null);
    }

    static Hl7Error? HeaderError(Hl7Segment header)
    {
        var (type, trigger, control) = (header.Text(9), header.Text(9, 2), header.Text(10));
        return header switch
        {
            _ when type != "ADT" => new(
                Hl7Error.Reject, Hl7Error.MessageType, "Messages of this type are not taken, but ADT.", "MSH^1^9"),
            _ when !Events.ContainsKey(trigger) => new(
                Hl7Error.Reject, Hl7Error.EventCode, $"This event is not taken, but {string.Join(", ", Events.Keys)}.", "MSH^1^9"),
            _ when !Version().IsMatch(header.Text(12)) => new(
                Hl7Error.Reject, Hl7Error.VersionId, "This version is not read, but 2.3 to 2.8.", "MSH^1^12"),
            _ when header.Text(11) != "P" => new(
                Hl7Error.Reject, Hl7Error.ProcessingId, "Only messages of production (P) are taken.", "MSH^1^11"),
            _ when control.Length == 0 => new(Hl7Error.Error, Hl7Error.Missing, "It has no control id.", "MSH^1^10"),
            // The acknowledgement repeats it, in ASCII.
            _ when control.Length > ReceivedMessage.MaxControlId || control.Any(c => c is < ' ' or > '~') => new(
                Hl7Error.Error, Hl7Error.DataType,
                $"The control id must be at most {ReceivedMessage.MaxControlId} printable signs of ASCII.",
                "MSH^1^10"),
            _ => null,
        };
    }

    static (string? Number, Hl7Error? Error) NumberOf(Hl7Segment segment, int field, string authority)
    {
        var place = $"{segment.Name}^1^{field}";
        var all = segment.Repetitions(field);
        if (all.Count == 0)
        {
            return (null, new(Hl7Error.Error, Hl7Error.Missing, "It has no patient number.", place));
        }

        var numbers = (authority.Length == 0 ? all.Take(1) : all.Where(r => IsOf(segment, r, authority)))
            .Select(r => segment.Part(r, 1).Trim()).Where(n => n.Length > 0 && n != Null).Distinct().ToList();
        return numbers switch
        {
            [] when authority.Length == 0 => (null, new(Hl7Error.Error, Hl7Error.Missing, "It has no patient number.", place)),
            [] => (null, null),
            [{ Length: <= MaxNumber } only] when IsReadable(only) => (only, null),
            [_] => (null, new(
                Hl7Error.Error, Hl7Error.DataType, $"The patient number must be at most {MaxNumber} printable signs.", place)),
            _ => (null, new(Hl7Error.Error, Hl7Error.DataType, "It has several patient numbers of the authority that counts.", place)),
        };
    }

    // Of the first number: name and universal id.
    static (string Name, string Id) AuthorityOf(Hl7Segment segment, int field) =>
        segment.Repetitions(field) is [var first, ..] ? (segment.Part(first, 4), segment.Part(first, 4, 2)) : ("", "");

    // By its name or by its universal id.
    static bool IsOf(Hl7Segment segment, string repetition, string authority) =>
        segment.Part(repetition, 4) == authority || segment.Part(repetition, 4, 2) == authority;

    // Table 0001.
    static (Sex Sex, Hl7Error? Error) SexOf(Hl7Segment patient) => patient.Text(8).Trim() switch
    {
        "F" => (Sex.Female, null),
        "M" => (Sex.Male, null),
        "O" => (Sex.Other, null),
        "" or Null or "U" or "A" or "N" => (Sex.Unknown, null),
        _ => (Sex.Unknown, new(Hl7Error.Error, Hl7Error.NotInTable, "The sex is none of table 0001.", "PID^1^8")),
    };

    /// <summary>A day; less than a day, or none, says nothing.</summary>
    static (DateOnly? Day, Hl7Error? Error) BirthDateOf(Hl7Segment patient)
    {
        var text = patient.Text(7).Trim();
        return text switch
        {
            "" or Null or { Length: 4 or 6 } when text is "" or Null || text.All(char.IsAsciiDigit) => (null, null),
            { Length: >= 8 and <= 26 } when DateOnly.TryParseExact(
                text[..8], "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) => (day, null),
            _ => (null, new(Hl7Error.Error, Hl7Error.DataType, "The birth date is no date.", "PID^1^7")),
        };
    }

    static bool IsReadable(string text) => !text.Any(c => char.IsControl(c) || char.IsSurrogate(c) || c == Hl7Message.Unreadable);

    [GeneratedRegex(@"^2\.[3-8](?:\.[0-9])?\z")]
    private static partial Regex Version();
}

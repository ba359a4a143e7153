using System.Text;
using System.Text.RegularExpressions;

namespace CovidCxr.Hospital.Hl7;

/// <summary>Why a message is not taken, as its answer says it. It holds nothing of the message.</summary>
/// <param name="Code">AE or AR (table 0008).</param>
/// <param name="Condition">Table 0357.</param>
/// <param name="Words">In plain words.</param>
/// <param name="Place">Segment, its number and field, such as MSH^1^18; empty where it is the whole.</param>
sealed record Hl7Error(string Code, int Condition, string Words, string Place = "")
{
    public const string Error = "AE", Reject = "AR";

    public const int Sequence = 100, Missing = 101, DataType = 102, NotInTable = 103, TooLong = 104, MessageType = 200, EventCode = 201,
        ProcessingId = 202, VersionId = 203, DuplicateKey = 205, Internal = 207;
}

/// <summary>What became of bytes that were read.</summary>
/// <param name="Header">To whom an answer goes; null where not even that can be read.</param>
/// <param name="Message">Null where there is an error.</param>
sealed record Hl7Reading(Hl7Segment? Header, Hl7Message? Message, Hl7Error? Error);

/// <summary>
/// A message of HL7 v2 (chapter 2): segments of fields, of repetitions, of components, of subcomponents. Sizes are bounded, and nothing is
/// taken apart before it is asked for.
/// </summary>
sealed partial class Hl7Message
{
    public const int MaxBytes = 1 << 20, MaxSegments = 1000, MaxFields = 250, MaxRepetitions = 100;

    /// <summary>What a byte becomes that its character set does not have.</summary>
    public const char Unreadable = '\uFFFD';

    /// <summary>Table 0211. Of the others some hide separators within letters.</summary>
    public static readonly IReadOnlyList<string> CharacterSets = ["ASCII", "8859/1", "UNICODE UTF-8"];

    const int CharacterSet = 18;

    Hl7Message(IReadOnlyList<Hl7Segment> segments) => Segments = segments;

    /// <summary>The header (MSH) first.</summary>
    public IReadOnlyList<Hl7Segment> Segments { get; }

    public IEnumerable<Hl7Segment> All(string name) => Segments.Where(s => s.Name == name);

    public static Hl7Reading Read(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)'\r');
        // Separators and what decides on the character set are ASCII.
        if (Hl7Segment.ReadHeader(Encoding.Latin1.GetString(end < 0 ? bytes : bytes[..end])) is not { } header)
        {
            return new(null, null, new(Hl7Error.Reject, Hl7Error.Sequence, "It does not begin with a header (MSH) that can be read."));
        }

        if (bytes.Length > MaxBytes)
        {
            return new(header, null, new(Hl7Error.Reject, Hl7Error.TooLong, $"It is longer than {MaxBytes >> 20} MB."));
        }

        if (EncodingOf(header, out var refusal) is not { } encoding)
        {
            return new(header, null, refusal);
        }

        var (segments, error) = Split(encoding.GetString(bytes), header.Separators, encoding);
        return error is null ? new(segments[0], new(segments), null) : new(header, null, error);
    }

    static Encoding? EncodingOf(Hl7Segment header, out Hl7Error? refusal)
    {
        refusal = null;
        if (header.Repetitions(CharacterSet).Count > 1)
        {
            refusal = Refusal("Several character sets in one message are not read.");
            return null;
        }

        var name = header.Text(CharacterSet).Trim();
        switch (name)
        {
            case "" or "ASCII":
                return Encoding.GetEncoding("us-ascii", EncoderFallback.ReplacementFallback, new DecoderReplacementFallback("\uFFFD"));
            case "8859/1":
                return Encoding.Latin1;
            case "UNICODE UTF-8":
                return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
            default:
                var shown = KnownName().IsMatch(name) ? $" {name}" : "";
                refusal = Refusal($"The character set{shown} is not read, but {string.Join(", ", CharacterSets)}.");
                return null;
        }

        static Hl7Error Refusal(string words) => new(Hl7Error.Reject, Hl7Error.NotInTable, words, $"MSH^1^{CharacterSet}");
    }

    static (List<Hl7Segment> Segments, Hl7Error? Error) Split(string text, Separators separators, Encoding encoding)
    {
        List<Hl7Segment> segments = [];
        foreach (var range in text.AsSpan().Split('\r'))
        {
            // Who writes lines as Windows does.
            var line = text.AsSpan(range).TrimStart('\n');
            if (line.IsEmpty)
            {
                continue;
            }

            if (segments.Count == MaxSegments)
            {
                return (segments, new(Hl7Error.Error, Hl7Error.TooLong, $"It has more than {MaxSegments} segments."));
            }

            if (Hl7Segment.Read(line.ToString(), separators, encoding) is not { } segment
                || (segment.Name == Hl7Segment.HeaderName) != (segments.Count == 0))
            {
                return (segments, new(
                    Hl7Error.Error, Hl7Error.Sequence, $"What stands at the place of segment {segments.Count + 1} is none, or too long."));
            }

            segments.Add(segment);
        }

        return (segments, null);
    }

    // Table 0211, and how it is often written. Anything else may be anybody's words.
    [GeneratedRegex(@"^(?:8859/[0-9]{1,2}|ISO IR ?[0-9]{1,3}|UNICODE(?: UTF-(?:16|32))?|UTF-?(?:8|16)|GB ?18030(?:-2000)?|KS X 1001"
        + @"|CNS 11643-1992|BIG-5|JAS2020)\z")]
    private static partial Regex KnownName();
}

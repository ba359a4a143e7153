using System.Globalization;
using System.Text;

namespace CovidCxr.Hospital.Hl7;

/// <summary>The answer to a message (ACK). It says nothing of the message but its number.</summary>
static class Acknowledgement
{
    /// <summary>Table 0008.</summary>
    public const string Accept = "AA";

    const string Ours = "2.5.1";

    // Of a control id in 2.5.1.
    const int MaxId = 20;

    /// <param name="header">Of the message.</param>
    /// <param name="error">Null where it was taken.</param>
    public static byte[] Make(Hl7Segment header, Hl7Error? error, DateTimeOffset at)
    {
        var (trigger, version) = (Plain(header.Text(9, 2)), Plain(header.Text(12)));
        version = version.Length > 0 ? version : Ours;
        var words = error is null ? "" : Hl7Text.Escape(error.Words);
        var text = new StringBuilder()
            .Append(Hl7Text.Segment(
                "MSH", @"^~\&", Party(header, 5), Party(header, 6), Party(header, 3), Party(header, 4), Hl7Text.Time(at), "",
                Hl7Text.Components("ACK", trigger, "ACK"), Guid.CreateVersion7(at).ToString("N")[^MaxId..],
                Hl7Text.Escape(Plain(header.Text(11)) is { Length: > 0 } processing ? processing : "P"), Hl7Text.Escape(version)))
            .Append(Hl7Text.Segment("MSA", error?.Code ?? Accept, Hl7Text.Escape(Plain(header.Text(10), 199)), words));
        if (error is not null)
        {
            text.Append(Hl7Text.Segment(
                "ERR", "", error.Place, Hl7Text.Components(error.Condition.ToString(CultureInfo.InvariantCulture), "", "HL70357"), "E", "",
                "", "", words));
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    static string Party(Hl7Segment header, int field) => Hl7Text.Components(
        [.. Enumerable.Range(1, 3).Select(c => Plain(header.Text(field, c), 199))]);

    // What comes back is the sender's own; nothing that could become a segment or another character set.
    static string Plain(string text, int longest = 20) =>
        text.Length <= longest && text.All(c => c is >= ' ' and <= '~') ? text : "";
}

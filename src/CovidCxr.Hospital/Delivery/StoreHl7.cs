using System.Globalization;
using System.Text.RegularExpressions;
using CovidCxr.Hospital.Hl7;
using CovidCxr.Hospital.Peers;

namespace CovidCxr.Hospital.Delivery;

/// <summary>
/// Sends one message by MLLP and believes its acknowledgement: HL7 v2 has no way to read back what is there. What a receiver says in free
/// text is kept nowhere, for it may name a patient.
/// </summary>
sealed partial class StoreHl7(MllpClient client)
{
    /// <param name="id">The message's control id (MSH-10).</param>
    public async Task<StoreResult> SendAsync(DestinationOptions destination, byte[] message, string id, CancellationToken cancellation)
    {
        // Whoever commits first (enhanced mode) answers twice, and the second answer counts.
        var answer = await client.SendAsync(
            destination, message, m => m.All("MSA").FirstOrDefault()?.Text(1) != "CA", cancellation);
        return answer.Answer is { } acknowledgement
            ? Judge(acknowledgement, id)
            : new(answer.WasAnswered ? StoreAnswer.Refused : StoreAnswer.Unreachable, answer.Failure!, answer.MayHaveArrived);
    }

    // Whatever was answered is no silence: it counts as a refusal, so that a receiver that is misunderstood does not get the same for days.
    internal static StoreResult Judge(Hl7Message answer, string id)
    {
        if (answer.All("MSA").FirstOrDefault() is not { } acknowledgement)
        {
            return new(StoreAnswer.Refused, "What it answered is no acknowledgement.", MayBeThere: true);
        }

        if (acknowledgement.Text(2) != id)
        {
            return new(StoreAnswer.Refused, "It acknowledged another message.", MayBeThere: true);
        }

        var code = acknowledgement.Text(1);
        return code switch
        {
            Acknowledgement.Accept => new(StoreAnswer.Taken, "AA.", MayBeThere: true),
            Hl7Error.Reject or "CR" => new(StoreAnswer.Refused, $"It rejected the message ({code}{Codes(answer, acknowledgement)})."),
            // Whether something of it was kept before the error is not known.
            Hl7Error.Error or "CE" => new(
                StoreAnswer.Refused, $"It met an error in the message ({code}{Codes(answer, acknowledgement)}).", MayBeThere: true),
            _ => new(StoreAnswer.Refused, "What it answered is no acknowledgement.", MayBeThere: true),
        };
    }

    /// <summary>Conditions and places: of ERR-3 and ERR-2, before 2.5 of ERR-1, and of MSA-6 or MSA-3 that hold a code alone.</summary>
    static string Codes(Hl7Message answer, Hl7Segment acknowledgement)
    {
        var codes = answer.All("ERR").SelectMany(e => e.Repetitions(1).Count > 0
                ? e.Repetitions(1).Select(r => (Code: e.Part(r, 4), Place: Place(e, r)))
                : [(e.Text(3), e.Repetitions(2) is [var first, ..] ? Place(e, first) : "")])
            .Append((acknowledgement.Text(6), "")).Append((acknowledgement.Text(3), ""))
            .Where(c => Condition().IsMatch(c.Item1)).DistinctBy(c => c.Item1).Take(3)
            .Select(c => c.Item2.Length > 0 ? $"{c.Item1} at {c.Item2}" : c.Item1);
        var words = string.Join("; ", codes);
        return words.Length > 0 ? $": {words}" : "";
    }

    /// <summary>Such as PID-5; empty where it is none.</summary>
    static string Place(Hl7Segment error, string location)
    {
        var (segment, field) = (error.Part(location, 1), error.Part(location, 3));
        return SegmentName().IsMatch(segment)
            && int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 100
                ? $"{segment}-{number}"
                : "";
    }

    // Tables 0357 and 0533; nobody's words, and nobody's number.
    [GeneratedRegex(@"^[0-9]{1,3}\z")]
    private static partial Regex Condition();

    [GeneratedRegex(@"^[A-Z][A-Z0-9]{2}\z")]
    private static partial Regex SegmentName();
}

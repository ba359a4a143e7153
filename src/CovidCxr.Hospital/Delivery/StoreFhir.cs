using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using CovidCxr.Hospital.Fhir;
using CovidCxr.Hospital.Peers;

namespace CovidCxr.Hospital.Delivery;

/// <summary>
/// Sends one transaction to a FHIR server, and reads the report back. What a server says in free text is kept nowhere, for it may name a
/// patient.
/// </summary>
sealed partial class StoreFhir(FhirClient client, TimeProvider time)
{
    static readonly TimeSpan VersionKept = TimeSpan.FromHours(1);

    // R4's list of what an issue may be (issue-type). Anything else may be anybody's words.
    static readonly HashSet<string> IssueCodes =
    [
        "invalid", "structure", "required", "value", "invariant", "security", "login", "unknown", "expired", "forbidden", "suppressed",
        "processing", "not-supported", "duplicate", "multiple-matches", "not-found", "deleted", "too-long", "code-invalid", "extension",
        "too-costly", "business-rule", "conflict", "transient", "lock-error", "no-store", "exception", "timeout", "incomplete", "throttled",
        "informational",
    ];

    /// <summary>When each server last said that it speaks our version.</summary>
    readonly ConcurrentDictionary<string, DateTimeOffset> _versions = new();

    /// <param name="uid">Of the report in the transaction.</param>
    public async Task<StoreResult> SendAsync(DestinationOptions server, byte[] transaction, string uid, CancellationToken cancellation)
    {
        if (await StrangerAsync(server, cancellation) is { } stranger)
        {
            return stranger;
        }

        var answer = await client.PostAsync(server, transaction, cancellation);
        using var sent = JsonDocument.Parse(transaction);
        if (Judge(answer, FhirAnswer.Items(sent.RootElement, "entry").Count()) is { } notTaken)
        {
            return notTaken;
        }

        var address = $"DiagnosticReport?identifier={Uri.EscapeDataString($"{ResultBundle.UriSystem}|urn:oid:{uid}")}";
        var number = FhirAnswer.Text(Number(Reports(sent.RootElement, uid)[0]));
        return JudgeReadBack(await client.GetAsync(server, address, cancellation), uid, number, server.PatientSystem.Length > 0);
    }

    /// <summary>Nothing of a patient goes to a server of another version, or to what is no such server.</summary>
    async Task<StoreResult?> StrangerAsync(DestinationOptions server, CancellationToken cancellation)
    {
        if (_versions.TryGetValue(server.Name, out var at) && time.GetUtcNow() - at < VersionKept)
        {
            return null;
        }

        var answer = await client.GetAsync(server, FhirVersion.Path, cancellation);
        if (FhirVersion.Refusal(answer) is { } refusal)
        {
            return new(StoreAnswer.Unreachable, refusal, RetryAfter: answer.RetryAfter);
        }

        _versions[server.Name] = time.GetUtcNow();
        return null;
    }

    /// <returns>Null where the server took all of it.</returns>
    static StoreResult? Judge(FhirAnswer answer, int entries)
    {
        // What came of the status line counts, even where the rest did not come.
        if (answer.Status is null)
        {
            return new(
                StoreAnswer.Unreachable, answer.Failure!, answer.MayHaveArrived, answer.IsTooLate ? SendResult.LongestWait : null);
        }

        var status = (int)answer.Status;
        return status switch
        {
            >= 200 and < 300 when answer.Failure is { } failure => new(StoreAnswer.Unreachable, failure, MayBeThere: true),
            >= 200 and < 300 => JudgeEntries(answer.Json, entries),
            >= 300 and < 400 => new(
                StoreAnswer.Refused, $"It points to another address (status {status}), which is not followed.", MayBeThere: true),
            // A new token mends it for all that waits.
            401 => new(
                StoreAnswer.Unreachable, "It does not let this program in (status 401): look at the token.", false, answer.RetryAfter),
            429 => new(StoreAnswer.Unreachable, "It is too busy (status 429).", false, answer.RetryAfter),
            408 => new(StoreAnswer.Unreachable, "It waited too long (status 408).", true, answer.RetryAfter),
            _ when IsOfAnother(answer) => new(
                StoreAnswer.Unreachable, $"Not a FHIR server answered, but a proxy perhaps (status {status}): look at the address.", false,
                answer.RetryAfter),
            409 or 412 => new(
                StoreAnswer.Refused, $"It refused the report, and may have it (status {status}{Issues(answer.Json)}): look there.", true),
            >= 400 and < 500 => new(StoreAnswer.Refused, $"It refused the report (status {status}{Issues(answer.Json)})."),
            // Who waited for the server gave up. The same once more, while it is at work on the first one, could be there twice.
            504 => new(
                StoreAnswer.Unreachable, "It did not answer in time (status 504).", true,
                answer.RetryAfter > SendResult.LongestWait ? answer.RetryAfter : SendResult.LongestWait),
            // It may have stored all the same.
            _ => new(StoreAnswer.Unreachable, $"It failed (status {status}{Issues(answer.Json)}).", true, answer.RetryAfter),
        };
    }

    /// <summary>A FHIR server says why in an OperationOutcome. Without one, something in between answered, for a while perhaps.</summary>
    static bool IsOfAnother(FhirAnswer answer) =>
        (int?)answer.Status is 403 or 404 or 405 && FhirAnswer.Text(answer.Json, "resourceType") != "OperationOutcome";

    static StoreResult? JudgeEntries(JsonElement? json, int entries)
    {
        if (FhirAnswer.Text(json, "resourceType") != "Bundle" || FhirAnswer.Text(json, "type") != "transaction-response")
        {
            return new(StoreAnswer.Refused, "It did not answer to the transaction as a FHIR server does.", MayBeThere: true);
        }

        var answers = FhirAnswer.Items(json, "entry")
            .Select(e => FhirAnswer.Text(FhirAnswer.Member(e, "response", JsonValueKind.Object), "status") ?? "").ToList();
        return answers.Count == entries && answers.TrueForAll(a => Success().IsMatch(a))
            ? null
            : new(StoreAnswer.Refused, "It did not take all of the transaction.", MayBeThere: true);
    }

    /// <param name="number">The patient's, as it was sent.</param>
    /// <param name="hasPatients">Whether the server was to look for the patient.</param>
    static StoreResult JudgeReadBack(FhirAnswer answer, string uid, string? number, bool hasPatients)
    {
        if (!answer.IsSuccess)
        {
            var status = (int?)answer.Status;
            var why = answer.Failure ?? $"status {status}";
            var isRefusal = status is >= 400 and < 500 and not 401 and not 408 and not 429 && !IsOfAnother(answer);
            return new(
                isRefusal ? StoreAnswer.Refused : StoreAnswer.Unreachable,
                $"It took the report, and it cannot be read back there: {why}.".Replace("..", ".", StringComparison.Ordinal), true,
                answer.RetryAfter);
        }

        return Reports(answer.Json, uid) switch
        {
            [] => new(StoreAnswer.Refused, "It says that it took the report, and does not find it.", MayBeThere: true),
            [var report] => JudgePatient(report, number, hasPatients),
            _ => new(StoreAnswer.Refused, "It has the report more than once: look there, and remove all but one.", MayBeThere: true),
        };
    }

    /// <summary>Nobody would notice a report in nobody's chart, or in another's.</summary>
    static StoreResult JudgePatient(JsonElement? report, string? number, bool hasPatients)
    {
        var reference = FhirAnswer.Member(Subject(report), "reference", JsonValueKind.String);
        if (reference is null ? hasPatients : !PatientAddress().IsMatch(FhirAnswer.Text(reference) ?? ""))
        {
            return new(
                StoreAnswer.Refused,
                "It took the report without looking for its patient: leave PatientSystem empty for this server, and remove the report "
                    + "there.",
                MayBeThere: true);
        }

        return Number(report) is { } other && FhirAnswer.Text(other) != number
            ? new(
                StoreAnswer.Refused, "It has the report under another patient number: find out why, and remove the report there.",
                MayBeThere: true)
            : new(StoreAnswer.Taken, "It was read back.", MayBeThere: true);
    }

    static List<JsonElement?> Reports(JsonElement? bundle, string uid) =>
    [
        .. FhirAnswer.Items(bundle, "entry").Select(e => FhirAnswer.Member(e, "resource", JsonValueKind.Object))
            .Where(r => FhirAnswer.Text(r, "resourceType") == "DiagnosticReport" && FhirAnswer.Items(r, "identifier")
                .Any(i => FhirAnswer.Text(i, "value") == $"urn:oid:{uid}")),
    ];

    static JsonElement? Subject(JsonElement? report) => FhirAnswer.Member(report, "subject", JsonValueKind.Object);

    static JsonElement? Number(JsonElement? report) => FhirAnswer.Member(
        FhirAnswer.Member(Subject(report), "identifier", JsonValueKind.Object), "value", JsonValueKind.String);

    /// <summary>What an OperationOutcome says in codes, where, and by which of HAPI's messages; nothing else.</summary>
    static string Issues(JsonElement? json)
    {
        var issues =
            from issue in FhirAnswer.Items(json, "issue")
            let code = FhirAnswer.Text(issue, "code") is { } c && IssueCodes.Contains(c) ? c : null
            let place = FhirAnswer.Items(issue, "expression").Select(e => FhirAnswer.Text(e)).OfType<string>()
                .FirstOrDefault(e => Place().IsMatch(e))
            let number = Message().Match(FhirAnswer.Text(issue, "diagnostics") ?? "").Value
            select string.Join(' ', new[] { code, place is null ? null : $"at {place}", number }.Where(p => !string.IsNullOrEmpty(p)));
        var words = string.Join("; ", issues.Where(i => i.Length > 0).Distinct().Take(3));
        return words.Length > 0 ? $": {words}" : "";
    }

    [GeneratedRegex(@"^2[0-9][0-9](?![0-9])")]
    private static partial Regex Success();

    // A conditional reference (Patient?identifier=) is none.
    [GeneratedRegex(@"^(?:[^?#\s]+/)?Patient/[^/?#\s]+(?:/_history/[^/?#\s]+)?\z")]
    private static partial Regex PatientAddress();

    [GeneratedRegex(
        @"^(?:Bundle|Device|ImagingStudy|Observation|DiagnosticReport|Provenance)(?:\.[A-Za-z]{1,30}(?:\[[0-9]{1,3}\])?){0,6}\z")]
    private static partial Regex Place();

    [GeneratedRegex(@"\bHAPI-[0-9]{1,5}\b")]
    private static partial Regex Message();
}

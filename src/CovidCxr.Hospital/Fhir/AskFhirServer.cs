using System.Text.RegularExpressions;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Hospital.Peers;
using CovidCxr.Platform.Audit;
using Microsoft.Extensions.Options;

namespace CovidCxr.Hospital.Fhir;

/// <summary>Asks a FHIR server of the configuration whether it is there, and which version it speaks.</summary>
public sealed class AskFhirServer(FhirClient client, IOptions<HospitalOptions> options, AuditLog audit, TimeProvider time)
{
    /// <param name="name">The destination's.</param>
    public async Task<EchoResult> RunAsync(string name, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        if (options.Value.Destinations.FirstOrDefault(d => d.Name == name && d.IsFhir) is not { } server)
        {
            return new(false, "The configuration names no such FHIR server.");
        }

        var started = time.GetTimestamp();
        var refusal = FhirVersion.Refusal(await client.GetAsync(server, FhirVersion.Path, cancellation));
        await audit.RecordAsync(
            actor, AuditAction.PeerEcho, refusal is null ? AuditOutcome.Succeeded : AuditOutcome.Failed, detail: server.Name);
        return refusal is null
            ? new(true, $"It answered within {time.GetElapsedTime(started).TotalMilliseconds:F0} ms, and speaks FHIR R4.")
            : new(false, refusal);
    }
}

/// <summary>What a server says of itself.</summary>
static partial class FhirVersion
{
    public const string Path = "metadata", Spoken = "4.0";

    /// <returns>Why nothing can be sent to it, in words; null where something can.</returns>
    public static string? Refusal(FhirAnswer answer)
    {
        if (answer.Failure is { } failure)
        {
            return failure;
        }

        var status = (int)answer.Status!;
        return answer switch
        {
            { IsSuccess: false } when status is 401 or 403 => $"It does not let this program in (status {status}).",
            { IsSuccess: false } when status is >= 300 and < 400 =>
                $"It points to another address (status {status}), which is not followed: enter that one, if it is right.",
            { IsSuccess: false } => $"It answered with status {status}.",
            _ when FhirAnswer.Text(answer.Json, "resourceType") != "CapabilityStatement" => "It did not answer as a FHIR server does.",
            _ when FhirAnswer.Text(answer.Json, "fhirVersion") is { } version => version == Spoken || version.StartsWith(
                Spoken + ".", StringComparison.Ordinal)
                ? null
                : $"It speaks FHIR {(Short().IsMatch(version) ? version : "of a strange version")}, and not {Spoken} (R4).",
            _ => "It does not say which version of FHIR it speaks.",
        };
    }

    [GeneratedRegex(@"^[0-9A-Za-z.-]{1,20}\z")]
    private static partial Regex Short();
}

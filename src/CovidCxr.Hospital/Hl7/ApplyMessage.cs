using CovidCxr.Clinic.Corrections;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Hospital;
using CovidCxr.Storage;

namespace CovidCxr.Hospital.Hl7;

/// <summary>Does what a message says, as a lead does on the pages: films are corrected or moved, with the reason and an undo.</summary>
public sealed class ApplyMessage(CorrectPatient correct, MergePatients merge)
{
    /// <summary>Who changes films by message; signs in nowhere.</summary>
    public static readonly Guid ActorId = Guid.Parse("0198f000-d1c0-7000-8000-000000000002");

    /// <param name="answeredBy">Which person wants it done; null for nobody.</param>
    /// <param name="isConfirmed">That person has seen what speaks against it.</param>
    /// <param name="beside">Writes the message in the same transaction, told how many films change; it says why not, or null.</param>
    public async Task<ChangeStudyResult> RunAsync(
        ReceivedMessage message, string? answeredBy, bool isConfirmed, Func<CovidCxrDbContext, int, Task<string?>> beside,
        CancellationToken cancellation)
    {
        var actor = new Actor(ActorId, $"HL7 from {message.Application}", new HashSet<string> { Role.DepartmentLead })
        {
            Source = message.Host,
        };
        var reason = $"by message: {message.ControlId}{(answeredBy is null ? "" : $", applied by {answeredBy}")}";
        var told = new PatientFacts(message.Sex, message.BirthDate);
        return message.Kind == MessageKind.Merge
            ? await merge.RunAsync(
                new(message.FormerNumber!, message.Number!, reason, null, isConfirmed, told), actor, cancellation, beside)
            : await correct.RunAsync(
                new(message.Number!, told, reason, isConfirmed), actor, cancellation, beside);
    }
}

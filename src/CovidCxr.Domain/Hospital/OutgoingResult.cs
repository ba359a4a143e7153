namespace CovidCxr.Domain.Hospital;

public enum ResultKind
{
    /// <summary>A secondary capture: the film with heat map and verdict.</summary>
    Picture,

    /// <summary>A structured report.</summary>
    Report,

    /// <summary>A transaction of FHIR resources.</summary>
    Fhir,

    /// <summary>An HL7 v2 message (ORU^R01).</summary>
    Hl7,

    /// <summary>A Key Object Selection of film and picture.</summary>
    KeyObjects,
}

public enum DeliveryState
{
    /// <summary>It is sent when its turn comes, again and again until it is settled.</summary>
    Waiting,

    /// <summary>
    /// The destination said so (status 0000, the report read back by FHIR, or AA by HL7 v2), or a person says that it is there.
    /// </summary>
    Delivered,

    /// <summary>Given up; a person may try again.</summary>
    Failed,

    /// <summary>It must not be sent, or a person stopped it.</summary>
    Cancelled,

    /// <summary>A newer version was there before this one was sent.</summary>
    Superseded,
}

/// <summary>
/// One object for one destination, and what became of it. It holds no object: study, prediction and reading never change, so the same
/// object is made of them at each attempt.
/// </summary>
public sealed class OutgoingResult
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public Guid StudyId { get; init; }

    /// <summary>The destination's name in the configuration.</summary>
    public required string Destination { get; init; }

    public ResultKind Kind { get; init; }

    /// <summary>1, 2, 3 … of this study's answers, the same for every destination.</summary>
    public int Version { get; init; }

    public Guid PredictionId { get; init; }

    /// <summary>The reading that judges the prediction; null where none does yet.</summary>
    public Guid? ReadingId { get; init; }

    /// <summary>
    /// SOP instance UID, by FHIR the report's identifier, by HL7 v2 the control id; the same at each attempt, so that nothing is there
    /// twice.
    /// </summary>
    public required string InstanceUid { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DeliveryState State { get; set; }

    public int Attempts { get; set; }

    /// <summary>Of these, those that the destination answered with a refusal, or that ended in an error here.</summary>
    public int Refusals { get; set; }

    /// <summary>Not to be sent before.</summary>
    public DateTimeOffset NotBefore { get; set; }

    /// <summary>Why it waits, was not sent or counts as delivered, in words, without a patient's data.</summary>
    public string? Reason { get; set; }

    public DateTimeOffset? SettledAt { get; set; }

    /// <summary>
    /// Null as long as the destination certainly does not have the object. Otherwise it has it, or may: an acknowledgement can get lost.
    /// Then this is the film's newest change before it was sent for the first time, 0 where it had none.
    /// </summary>
    public long? SentAfterChange { get; set; }
}

/// <summary>Where results go, as far as the configuration does not say it.</summary>
public sealed class ResultDestination
{
    public required string Name { get; init; }

    /// <summary>Answers and readings of before are not sent: a new archive is not flooded with the past.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>A person stopped it: results wait.</summary>
    public bool IsStopped { get; set; }
}

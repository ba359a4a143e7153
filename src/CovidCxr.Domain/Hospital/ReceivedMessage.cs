using CovidCxr.Domain.Studies;

namespace CovidCxr.Domain.Hospital;

public enum MessageKind
{
    /// <summary>What is known of a patient changed: sex or birth date (ADT^A08, A31).</summary>
    Update,

    /// <summary>Two numbers are one person's, or a number became another one (ADT^A40, A47).</summary>
    Merge,
}

public enum MessageState
{
    /// <summary>Films were changed as it says.</summary>
    Applied,

    /// <summary>No film here was to be changed.</summary>
    Unneeded,

    /// <summary>It contradicts what is known: nothing is changed until a person answers.</summary>
    Question,

    /// <summary>A person refused it.</summary>
    Dismissed,
}

/// <summary>
/// One message (HL7 v2) that changes what is known of a patient, and what became of it. No name is kept, and the facts only where a film
/// of the patient is here.
/// </summary>
public sealed class ReceivedMessage
{
    public const int MaxSender = 64, MaxControlId = 199;

    public Guid Id { get; init; } = Guid.CreateVersion7();

    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The sending application (MSH-3).</summary>
    public required string Application { get; init; }

    /// <summary>The sending facility (MSH-4); may be empty.</summary>
    public required string Facility { get; init; }

    /// <summary>The address that it came from.</summary>
    public required string Host { get; init; }

    /// <summary>The sender's number of the message (MSH-10): the same one comes again where the sender heard no answer.</summary>
    public required string ControlId { get; init; }

    /// <summary>Of what it says, so that another message under the same number is noticed.</summary>
    public required string Sha256 { get; init; }

    /// <summary>A08, A31, A40 or A47.</summary>
    public required string Event { get; init; }

    public MessageKind Kind { get; init; }

    /// <summary>The patient's number; null where no film of the patient was here.</summary>
    public string? Number { get; init; }

    /// <summary>The number that is nobody's from then on; null for an update.</summary>
    public string? FormerNumber { get; init; }

    public Sex Sex { get; init; }

    public DateOnly? BirthDate { get; init; }

    public MessageState State { get; set; }

    /// <summary>In words, without a patient's data.</summary>
    public string? Reason { get; set; }

    /// <summary>How many films it changed.</summary>
    public int Films { get; set; }

    public DateTimeOffset? SettledAt { get; set; }

    public string Sender => Facility.Length > 0 ? $"{Application} of {Facility}" : Application;
}

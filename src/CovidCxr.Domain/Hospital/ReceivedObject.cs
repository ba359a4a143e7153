namespace CovidCxr.Domain.Hospital;

public enum ReceivedState
{
    /// <summary>Stored and acknowledged; not looked at yet.</summary>
    Waiting,

    Filed,

    /// <summary>The same object, or the same picture, was here already.</summary>
    Known,

    /// <summary>It contradicts what is known: kept in quarantine until a person answers.</summary>
    Question,

    /// <summary>It cannot be filed: kept in quarantine with the reason.</summary>
    Refused,

    /// <summary>A person threw it away.</summary>
    Discarded,
}

/// <summary>One object that a modality or an archive sent, and what became of it. Its id names its file.</summary>
public sealed class ReceivedObject
{
    public const int MaxSender = 16;

    public Guid Id { get; init; } = Guid.CreateVersion7();

    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The sender's name in the network.</summary>
    public required string CallingAe { get; init; }

    /// <summary>The address that it came from.</summary>
    public required string Host { get; init; }

    public long Bytes { get; init; }

    /// <summary>SOP instance UID; null until it was looked at, and where the file does not say.</summary>
    public string? InstanceUid { get; set; }

    /// <summary>Of the data set; null until it was looked at.</summary>
    public string? Sha256 { get; set; }

    public ReceivedState State { get; set; }

    /// <summary>In words, without a patient's data.</summary>
    public string? Reason { get; set; }

    /// <summary>The study that it became, that it is the same as, or that it contradicts.</summary>
    public Guid? StudyId { get; set; }

    /// <summary>A person answered that it is right as it was sent.</summary>
    public bool IsConfirmed { get; set; }

    /// <summary>Times that filing it was begun: an object that ends the program each time must not do so for ever.</summary>
    public int Attempts { get; set; }

    public DateTimeOffset? SettledAt { get; set; }
}

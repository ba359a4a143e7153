namespace CovidCxr.Domain.Readings;

public enum ReadingPolicy
{
    /// <summary>The reader's own opinion is locked before the model is revealed.</summary>
    BlindedFirst,

    /// <summary>The model's answer is in sight from the start.</summary>
    Concurrent,
}

/// <summary>A change of the department's policy; the newest is in force, and without any it is blinded first.</summary>
public sealed class ReadingPolicyChange
{
    public long Id { get; init; }

    public ReadingPolicy Policy { get; init; }

    public Guid ChangedBy { get; init; }

    public required string ChangedByName { get; init; }

    public DateTimeOffset ChangedAt { get; init; }
}

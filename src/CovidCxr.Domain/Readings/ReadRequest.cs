namespace CovidCxr.Domain.Readings;

public enum ReadRequestKind
{
    /// <summary>Of a study on which a reader and the model disagree.</summary>
    Adjudication,

    /// <summary>Of a study drawn by lot, to measure readers against each other.</summary>
    SecondRead,
}

/// <summary>
/// Somebody who has not read a study is asked to, blinded whatever the policy, and without being told why. Rows are only ever added; one is
/// answered by a reading.
/// </summary>
public sealed class ReadRequest
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public Guid StudyId { get; init; }

    public ReadRequestKind Kind { get; init; }

    /// <summary>Null: whoever has not read it yet, once.</summary>
    public Guid? ReaderId { get; init; }

    /// <summary>The lead; null where the lot asked.</summary>
    public Guid? AskedBy { get; init; }

    public DateTimeOffset AskedAt { get; init; }
}

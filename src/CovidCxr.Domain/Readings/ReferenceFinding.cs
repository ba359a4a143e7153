namespace CovidCxr.Domain.Readings;

/// <summary>Where the truth of a study comes from.</summary>
public enum ReferenceSource
{
    RtPcr,

    /// <summary>Of readers who did not see the model.</summary>
    Consensus,

    /// <summary>The course of the illness.</summary>
    FollowUp,
}

public enum ReferenceResult
{
    Positive,
    Negative,
    Indeterminate,
}

/// <summary>
/// What a source says of COVID-19 in a study. Rows are only ever added; the newer supersedes the older of the same source.
/// </summary>
public sealed class ReferenceFinding
{
    public const int MaxBasisLength = 500;

    public Guid Id { get; init; } = Guid.CreateVersion7();

    public Guid StudyId { get; init; }

    public ReferenceSource Source { get; init; }

    public ReferenceResult Result { get; init; }

    /// <summary>The day of the sample, the consensus or the follow-up.</summary>
    public DateOnly FoundOn { get; init; }

    public Guid EnteredBy { get; init; }

    public required string EnteredByName { get; init; }

    public DateTimeOffset EnteredAt { get; init; }

    /// <summary>Whether it came in a file rather than by hand.</summary>
    public bool IsImported { get; init; }

    /// <summary>For a consensus of an adjudication: who said what, or why the lead decided so.</summary>
    public string? Basis { get; init; }

    /// <summary>The finding of the same study and source that this one replaces.</summary>
    public Guid? SupersedesId { get; init; }
}

namespace CovidCxr.Domain.Readings;

/// <summary>What the lead wants watched. The newest row is in force; without any the defaults are.</summary>
public sealed class QualitySettings
{
    /// <summary>From here on a shift of scores is usually called large (Siddiqi 2006).</summary>
    public const double DefaultStabilityIndex = 0.25;

    /// <summary>Of readings before the model that agree with it.</summary>
    public const double DefaultAgreement = 0.8;

    public long Id { get; init; }

    /// <summary>One study in so many asks for a second reader; 0 for none.</summary>
    public int SecondReadEvery { get; init; }

    /// <summary>Scores of this month against the last: an index above it, and above chance, is an alert. Above 0.</summary>
    public double LargestStabilityIndex { get; init; } = DefaultStabilityIndex;

    /// <summary>A week in which fewer blind readings agree with the model is an alert, 0..1.</summary>
    public double LowestAgreement { get; init; } = DefaultAgreement;

    public Guid ChangedBy { get; init; }

    public required string ChangedByName { get; init; }

    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>Why these cannot stand; null where they can.</summary>
    public string? Refusal() => this switch
    {
        { SecondReadEvery: < 0 or > 10_000 } => "One study in 1 to 10,000, or 0 for none.",
        { LargestStabilityIndex: not (> 0 and <= 10) } => "The stability index lies above 0, and 10 is beyond any shift.",
        { LowestAgreement: not (>= 0 and <= 1) } => "The agreement lies between 0 and 100%.",
        _ => null,
    };
}

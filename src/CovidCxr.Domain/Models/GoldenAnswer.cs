namespace CovidCxr.Domain.Models;

/// <summary>What a version answered to the golden films when it was first put to work by this program on this device.</summary>
public sealed class GoldenAnswer
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public Guid ModelVersionId { get; init; }

    /// <summary>The program's version and what computes, in words: another of either may round otherwise.</summary>
    public required string Program { get; init; }

    public DateTimeOffset MadeAt { get; init; }

    /// <summary>A JSON list for each golden film: the probability of each class.</summary>
    public required string Answers { get; init; }

    /// <summary>The largest difference of a probability to what the program before it answered; null for none before.</summary>
    public double? Difference { get; init; }
}

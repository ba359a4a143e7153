namespace CovidCxr.Domain.Studies;

/// <summary>What a person wants to see of the worklist, and in which order, under a name of their own.</summary>
public sealed class SavedFilter
{
    public const int MaxName = 40, MaxQuery = 500;

    public long Id { get; init; }

    public Guid OwnerId { get; init; }

    /// <summary>A person has each once, in upper or lower case.</summary>
    public required string Name { get; set; }

    /// <summary>The query of the worklist's address, without its question mark. A page reads it as one that was typed by hand.</summary>
    public required string Query { get; set; }

    /// <summary>The worklist opens with it; a person has one at most.</summary>
    public bool IsDefault { get; set; }

    public DateTimeOffset SavedAt { get; set; }
}

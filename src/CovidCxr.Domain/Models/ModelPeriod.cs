namespace CovidCxr.Domain.Models;

/// <summary>A time during which a version was the active one. Together they are the whole history, one after the other.</summary>
public sealed class ModelPeriod
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>1, 2, 3 … in the order of activation.</summary>
    public int Number { get; init; }

    public Guid ModelVersionId { get; init; }

    public DateTimeOffset From { get; init; }

    /// <summary>Null while it is active.</summary>
    public DateTimeOffset? Until { get; set; }

    /// <summary>Null where the program did it, at its first start.</summary>
    public Guid? StartedBy { get; init; }

    public string? StartedByName { get; init; }

    /// <summary>Whether it began by taking the version before out of service.</summary>
    public bool IsRollBack { get; init; }

    /// <summary>Whether it ended so: signatures of before no longer count.</summary>
    public bool IsWithdrawn { get; set; }
}

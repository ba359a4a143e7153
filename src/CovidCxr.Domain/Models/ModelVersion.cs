namespace CovidCxr.Domain.Models;

/// <summary>A registered model file. Its weights never change; what changes is which version is active.</summary>
public sealed class ModelVersion
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>1, 2, 3 … in the order of registration.</summary>
    public int Number { get; init; }

    public required string Name { get; init; }

    public required string Architecture { get; init; }

    /// <summary>Of the model file.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Of the weights alone, whatever header and precision the file has. Null in an older row until a start computes it.</summary>
    public string? WeightsSha256 { get; set; }

    /// <summary>Where the file is stored.</summary>
    public required string FileKey { get; init; }

    /// <summary>The file's own description: training data, metrics, card.</summary>
    public required string HeaderJson { get; init; }

    public DateTimeOffset RegisteredAt { get; init; }

    public bool IsActive { get; set; }

    public DateTimeOffset? ActivatedAt { get; set; }

    public ModelState State => IsActive ? ModelState.Active : ActivatedAt is null ? ModelState.Candidate : ModelState.Retired;
}

public enum ModelState
{
    /// <summary>It was never active.</summary>
    Candidate,
    Active,

    /// <summary>It was active, and another one is.</summary>
    Retired,
}

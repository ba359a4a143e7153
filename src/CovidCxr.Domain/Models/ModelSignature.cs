namespace CovidCxr.Domain.Models;

/// <summary>Somebody vouches for a version as its evidence was then.</summary>
public sealed class ModelSignature
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public Guid ModelVersionId { get; init; }

    /// <summary>As <see cref="ModelEvidence.Hash"/> gives it.</summary>
    public required string EvidenceHash { get; init; }

    public Guid SignedBy { get; init; }

    public required string SignedByName { get; init; }

    public DateTimeOffset SignedAt { get; init; }
}

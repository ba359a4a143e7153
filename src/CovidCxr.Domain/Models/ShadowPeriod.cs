namespace CovidCxr.Domain.Models;

/// <summary>
/// A time during which a candidate scores every newly analysed study after the active version, and nobody who reads learns of it. At most
/// one is open.
/// </summary>
public sealed class ShadowPeriod
{
    /// <summary>Of the job that scores one study.</summary>
    public const string JobKind = "score-shadow";

    public Guid Id { get; init; } = Guid.CreateVersion7();

    public Guid ModelVersionId { get; init; }

    public bool IsOpen { get; set; }

    public DateTimeOffset From { get; init; }

    /// <summary>Null while it is open.</summary>
    public DateTimeOffset? Until { get; set; }

    public required string Reason { get; init; }

    public Guid StartedBy { get; init; }

    public required string StartedByName { get; init; }

    public string? EndedByName { get; set; }

    public string? EndReason { get; set; }

    /// <summary>Its predictions stay.</summary>
    public void End(DateTimeOffset at, string byName, string reason) =>
        (IsOpen, Until, EndedByName, EndReason) = (false, at, byName, reason);
}

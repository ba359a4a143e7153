namespace CovidCxr.Domain.Models;

/// <summary>What the gate said of a version once, as it was measured. Rows are only ever added: a refusal stays.</summary>
public sealed class GateResult
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public Guid ModelVersionId { get; init; }

    /// <summary>The run that measured it; a run has one result.</summary>
    public Guid RunId { get; init; }

    public DateTimeOffset MeasuredAt { get; init; }

    /// <summary>The whole report as JSON: what people sign is a hash of it, so not a byte of it may change.</summary>
    public required string Evidence { get; init; }
}

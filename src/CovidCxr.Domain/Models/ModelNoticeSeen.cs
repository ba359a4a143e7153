namespace CovidCxr.Domain.Models;

/// <summary>A person has been told that the active version changed.</summary>
public sealed class ModelNoticeSeen
{
    public Guid UserId { get; init; }

    /// <summary>The <see cref="ModelPeriod"/> that began with the change.</summary>
    public Guid PeriodId { get; init; }

    public DateTimeOffset SeenAt { get; init; }
}

namespace CovidCxr.Domain.Readings;

public enum AlertKind
{
    /// <summary>A version's scores of a month have moved away from those of the month before.</summary>
    ScoreShift,

    /// <summary>A week in which too few blind readings agree with the model.</summary>
    LowAgreement,

    /// <summary>The active version calls more films positive than it did at first.</summary>
    MorePositive,

    /// <summary>It calls fewer.</summary>
    FewerPositive,
}

/// <summary>
/// Something that the lead wanted watched has gone beyond the threshold. There is one of a kind for a period, and a version where it is
/// about one.
/// </summary>
public sealed class QualityAlert
{
    public long Id { get; init; }

    public AlertKind Kind { get; init; }

    /// <summary>Null where it is about no version.</summary>
    public Guid? ModelVersionId { get; init; }

    /// <summary>The month's or week's first day, or that on which the share of positive calls began to move; UTC.</summary>
    public DateOnly PeriodFrom { get; init; }

    /// <summary>The last day that was looked at.</summary>
    public DateOnly PeriodTo { get; set; }

    /// <summary>The worst that was seen in the period: a stability index, or a share of readings or films.</summary>
    public double Value { get; set; }

    /// <summary>As it stood when the alert was raised; of positive calls the share at first.</summary>
    public double Threshold { get; init; }

    /// <summary>Studies or readings that the value was made of.</summary>
    public int Cases { get; set; }

    public DateTimeOffset RaisedAt { get; init; }

    public DateTimeOffset? AcknowledgedAt { get; set; }

    public Guid? AcknowledgedBy { get; set; }

    public string? AcknowledgedByName { get; set; }

    /// <summary>Whether another value is worse than this one.</summary>
    public bool IsWorse(double value) => Kind is AlertKind.ScoreShift or AlertKind.MorePositive ? value > Value : value < Value;
}

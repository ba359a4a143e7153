namespace CovidCxr.Domain.Models;

/// <summary>
/// What a version in the shadow said of a study. It stands in no list, count, order, export or answer: the comparison of the shadow alone
/// reads it, and a test says so.
/// </summary>
public sealed class ShadowPrediction
{
    public long Id { get; init; }

    public Guid PeriodId { get; init; }

    public Guid StudyId { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Of the positive class, 0..1.</summary>
    public double Score { get; init; }

    /// <summary>
    /// At or above it the call is positive: the one of the version's local acceptance at that time, or of its file where it had none.
    /// </summary>
    public double Threshold { get; init; }
}

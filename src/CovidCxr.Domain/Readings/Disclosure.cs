namespace CovidCxr.Domain.Readings;

/// <summary>
/// The model's answer to a study was shown to somebody who reads and had said nothing of it yet. Once for a reader and a study, the first
/// time; rows are only ever added.
/// </summary>
public sealed class Disclosure
{
    public Guid ReaderId { get; init; }

    public Guid StudyId { get; init; }

    public DateTimeOffset At { get; init; }
}

namespace CovidCxr.Domain.Readings;

/// <summary>
/// The model's answer to a study was shown to somebody who reads and had said nothing of it yet. Once for a reader and a study, the first
/// time; rows are only ever added.
/// </summary>
public sealed class Disclosure
{
    /// <summary>The reader of an answer that has left this program: whoever reads the film from then on may have seen it.</summary>
    public static readonly Guid Everybody = Guid.Empty;

    /// <summary>A person, or <see cref="Everybody"/>.</summary>
    public Guid ReaderId { get; init; }

    public Guid StudyId { get; init; }

    public DateTimeOffset At { get; init; }
}

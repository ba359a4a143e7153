namespace CovidCxr.Domain.Readings;

/// <summary>
/// What a reader has chosen on a study and not handed in, so that a lost connection, a restart or a time-out loses nothing. At most one
/// of a reader and a study; the reading takes its place.
/// </summary>
public sealed class KeptDraft
{
    public Guid ReaderId { get; init; }

    public Guid StudyId { get; init; }

    public Opinion? Opinion { get; set; }

    /// <summary>1 to 5.</summary>
    public int? Confidence { get; set; }

    public bool? AgreesWithPrediction { get; set; }

    public bool? HeatMapUseful { get; set; }

    public string? Note { get; set; }

    public DateTimeOffset KeptAt { get; set; }
}

namespace CovidCxr.Domain.Readings;

public enum Opinion
{
    Covid19,
    OtherPneumonia,
    OtherFinding,
    Normal,
    Indeterminate,
}

public enum ReadingStage
{
    /// <summary>Before the reader saw the model's answer; locked for ever.</summary>
    Blind,

    /// <summary>After a blind reading and the reveal.</summary>
    Final,

    /// <summary>With the model's answer in sight from the start.</summary>
    Concurrent,
}

/// <summary>What one reader said at one moment. Rows are only ever added; a correction supersedes.</summary>
public sealed class Reading
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public Guid StudyId { get; init; }

    public Guid ReaderId { get; init; }

    public ReadingStage Stage { get; init; }

    public Opinion Opinion { get; init; }

    /// <summary>1 (unsure) to 5 (certain).</summary>
    public int Confidence { get; init; }

    /// <summary>Null where no prediction was shown.</summary>
    public bool? AgreesWithPrediction { get; init; }

    public bool? HeatMapUseful { get; init; }

    public string? Note { get; init; }

    /// <summary>The prediction that was in sight.</summary>
    public Guid? PredictionId { get; init; }

    /// <summary>The reader's own earlier reading that this one corrects.</summary>
    public Guid? SupersedesId { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Chosen by the browser: the same submission twice is one reading.</summary>
    public Guid SubmissionId { get; init; }
}

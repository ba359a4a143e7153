namespace CovidCxr.Domain.Training;

public enum RetrainingState
{
    Waiting,
    Running,
    Paused,
    Done,
    Failed,
    Cancelled,
}

public enum RetrainingKind
{
    Training,

    /// <summary>A trial with a growing rate, after which no model remains.</summary>
    RangeTest,

    /// <summary>A network per fold of a data set version, tested on the fold that it has not seen; no model remains.</summary>
    CrossValidation,
}

/// <summary>What the administrator wants of a run; the worker follows at the next step.</summary>
public enum RetrainingWish
{
    GoOn,
    Pause,
    StopAndKeepBest,
    Cancel,
}

/// <summary>A training run started from the web page. Its configuration never changes; its weights and measurements stand in a folder of its own.</summary>
public sealed class RetrainingRun
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>1, 2, 3 … in the order of starting.</summary>
    public int Number { get; init; }

    public required string Name { get; init; }

    public required string Architecture { get; init; }

    public RetrainingKind Kind { get; init; }

    /// <summary>What it trains on; null for a run of before there were data set versions.</summary>
    public Guid? DataSetVersionId { get; init; }

    /// <summary>The whole configuration, as `train --config` reads it.</summary>
    public required string Configuration { get; init; }

    public Guid StartedBy { get; init; }

    public required string StartedByName { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; set; }

    public RetrainingState State { get; set; }

    public RetrainingWish Wish { get; set; }

    /// <summary>How it ended, in words.</summary>
    public string? Message { get; set; }

    /// <summary>The model that came of it.</summary>
    public Guid? ModelVersionId { get; set; }

    /// <summary>Whether a wish can still change anything.</summary>
    public bool MayBecome(RetrainingWish wish) => wish switch
    {
        RetrainingWish.GoOn => State == RetrainingState.Paused,
        RetrainingWish.Pause => Kind != RetrainingKind.RangeTest && State is RetrainingState.Running && Wish == RetrainingWish.GoOn,
        RetrainingWish.StopAndKeepBest => Kind == RetrainingKind.Training && State is RetrainingState.Running,
        _ => State is RetrainingState.Waiting or RetrainingState.Running or RetrainingState.Paused,
    };
}

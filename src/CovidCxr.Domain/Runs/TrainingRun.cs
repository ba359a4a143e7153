namespace CovidCxr.Domain.Runs;

public enum RunState
{
    Waiting,
    Running,
    Paused,
    Done,
    Failed,
    Cancelled,
}

public enum RunKind
{
    Training,

    /// <summary>A trial with a growing rate, after which no model remains.</summary>
    RangeTest,

    /// <summary>A network per fold of a data set version, tested on the fold that it has not seen; no model remains.</summary>
    CrossValidation,

    /// <summary>A registered model measured on a data set version, all of it as test; nothing is trained.</summary>
    Evaluation,
}

/// <summary>What an administrator asks of a run; the worker follows at the next step.</summary>
public enum RunRequest
{
    GoOn,
    Pause,
    StopAndKeepBest,
    Cancel,
}

/// <summary>
/// A training run started from the web page. Its configuration never changes; its weights and measurements stand in a folder of its own.
/// </summary>
public sealed class TrainingRun
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>1, 2, 3 … in the order of starting.</summary>
    public int Number { get; init; }

    public required string Name { get; init; }

    public required string Architecture { get; init; }

    public RunKind Kind { get; init; }

    /// <summary>What it trains on; null for a run of before there were data set versions.</summary>
    public Guid? DataSetVersionId { get; init; }

    /// <summary>The whole configuration with its version, as `train --config` reads it.</summary>
    public required string Configuration { get; init; }

    public Guid StartedBy { get; init; }

    public required string StartedByName { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; set; }

    public RunState State { get; set; }

    public RunRequest Request { get; set; }

    /// <summary>How it ended, in words.</summary>
    public string? Message { get; set; }

    /// <summary>The model that came of it, or that it evaluates.</summary>
    public Guid? ModelVersionId { get; set; }

    /// <summary>What the run is to change and how it is judged, as JSON, frozen when it started; null for a run without a plan.</summary>
    public string? Plan { get; set; }

    /// <summary>SHA-256 of the plan; the audit trail keeps it too.</summary>
    public string? PlanHash { get; set; }

    /// <summary>Why the run is off its plan, in one or more sentences; null while it is not. Words are only ever added.</summary>
    public string? OffPlan { get; private set; }

    /// <summary>It was started without a plan since there are plans: what comes of it is not promoted.</summary>
    public bool IsExploration { get; set; }

    /// <param name="words">Why, as a sentence.</param>
    public void LeavePlan(string words) => OffPlan = OffPlan is null ? words : $"{OffPlan} {words}";

    /// <summary>Whether a request can still change anything.</summary>
    public bool MayBecome(RunRequest request) => request switch
    {
        RunRequest.GoOn => State == RunState.Paused,
        RunRequest.Pause =>
            Kind is RunKind.Training or RunKind.CrossValidation && State is RunState.Running && Request == RunRequest.GoOn,
        RunRequest.StopAndKeepBest => Kind == RunKind.Training && State is RunState.Running,
        _ => State is RunState.Waiting or RunState.Running or RunState.Paused,
    };
}

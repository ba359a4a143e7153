namespace CovidCxr.Domain.Jobs;

public enum JobState
{
    Queued,
    Running,
    Succeeded,
    Failed,
}

/// <summary>
/// Work that must survive a crash: the row is the truth. Its fence rises with every claim, and only the newest claim may complete it.
/// </summary>
public sealed class Job
{
    public long Id { get; init; }

    public required string Kind { get; init; }

    /// <summary>JSON of the kind's own shape.</summary>
    public required string Payload { get; init; }

    public JobState State { get; set; }

    public int Attempt { get; set; }

    public int MaxAttempts { get; init; }

    public string? LeaseOwner { get; set; }

    public DateTimeOffset? LeaseUntil { get; set; }

    public long Fence { get; set; }

    /// <summary>Not to be claimed before.</summary>
    public DateTimeOffset NotBefore { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; set; }

    public string? Error { get; set; }

    /// <summary>Of the request that queued it, where that is traced (W3C Trace Context).</summary>
    public string? TraceParent { get; init; }
}

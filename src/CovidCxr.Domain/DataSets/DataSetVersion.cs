namespace CovidCxr.Domain.DataSets;

public enum DataSetState
{
    /// <summary>Waits for or is in the job that makes it.</summary>
    Making,
    Ready,
    Failed,
    Cancelled,
}

/// <summary>One version of a data set. Once ready it never changes: a change is a version of its own, made from this one.</summary>
public sealed class DataSetVersion
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The same for all versions of a data set.</summary>
    public Guid SetId { get; init; }

    public required string Name { get; init; }

    /// <summary>1, 2, 3 … within the data set.</summary>
    public int Number { get; init; }

    /// <summary>The version that it was made from; null for an import.</summary>
    public Guid? ParentId { get; init; }

    /// <summary>What was done, in words.</summary>
    public required string Change { get; set; }

    /// <summary>JSON of what the job shall do; null where no job makes this version.</summary>
    public string? Recipe { get; init; }

    public DataSetState State { get; set; }

    /// <summary>Images done and to be done while the job runs.</summary>
    public int Done { get; set; }

    public int Total { get; set; }

    public bool IsCancelWished { get; set; }

    /// <summary>Why it failed, in words.</summary>
    public string? Message { get; set; }

    public int Images { get; set; }

    public int Patients { get; set; }

    public bool IsDivided { get; set; }

    /// <summary>SHA-256 of the manifest; null until ready.</summary>
    public string? ManifestHash { get; set; }

    public Guid CreatedBy { get; init; }

    public required string CreatedByName { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}

namespace CovidCxr.Domain.Studies;

/// <summary>What one model version said of one study. Never changed; a new analysis adds another.</summary>
public sealed class Prediction
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public Guid StudyId { get; init; }

    public Guid ModelVersionId { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>One per class, together 1.</summary>
    public required IReadOnlyList<double> Probabilities { get; init; }

    public int PositiveIndex { get; init; }

    /// <summary>What the model looks for, in its own words.</summary>
    public string PositiveClass => Classes[PositiveIndex];

    /// <summary>At or above it the positive class is predicted.</summary>
    public double Threshold { get; init; }

    public int PredictedIndex { get; init; }

    /// <summary>Preprocessing, forward pass and heat maps.</summary>
    public TimeSpan Elapsed { get; init; }

    public required string Device { get; init; }

    /// <summary>One map per class: classes x MapHeight x MapWidth little-endian float32 values in 0..1.</summary>
    public required byte[] HeatMaps { get; init; }

    public int MapWidth { get; init; }

    public int MapHeight { get; init; }
}

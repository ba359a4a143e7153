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

    /// <summary>The part of the decided class's heat map inside the lungs, 0..1; null where it is cold or was not measured.</summary>
    public double? InLungs { get; init; }

    /// <summary>Brixia score of the zones A to F, 0..3 each; empty where the model says none.</summary>
    public IReadOnlyList<double> SeverityZones { get; init; } = [];

    /// <summary>Ends of the interval around the zones' sum, 0..18; null where the model says none.</summary>
    public double? SeverityLower { get; init; }

    public double? SeverityUpper { get; init; }

    /// <summary>Scores of the lungs as a whole; empty where the model says none.</summary>
    public IReadOnlyList<LungScore> LungScores { get; init; } = [];
}

/// <summary>A score of the lungs as a whole, such as geographic extent or opacity.</summary>
/// <param name="Value">0..Max; likewise the interval from Lower to Upper.</param>
public sealed record LungScore(string Name, double Value, double Lower, double Upper, double Max);

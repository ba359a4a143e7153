using System.Text.Encodings.Web;
using System.Text.Json;
using CovidCxr.Statistics;
using CovidCxr.Statistics.Calibration;

namespace CovidCxr.Learning.Evaluation;

/// <summary>What a configuration is worth: every image judged once, by a model that was not trained on it.</summary>
/// <param name="Means">Over the folds.</param>
/// <param name="Pooled">All images together, each decided at its own fold's threshold.</param>
public sealed record CrossValidationReport(
    string Name, string DataSet, int Folds, string GroupedBy, IReadOnlyList<string> Statements, IReadOnlyList<FoldFigures> PerFold,
    IReadOnlyList<FoldMeanFigure> Means, FigureSet Pooled, ConfusionMatrix Confusion, RocReport Roc, ReliabilityDiagram Calibration,
    IReadOnlyList<FigureSet> BySource, IReadOnlyList<ConfusedImage> MostConfused, DateTimeOffset MeasuredAt)
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    };

    /// <summary>Stands in every export.</summary>
    public string Note { get; } = EvaluationReport.Notice;

    /// <summary>The class that the figures are about; null in reports of before it was written down.</summary>
    public string? PositiveClass { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>What <see cref="ToJson"/> wrote, for whoever shows it.</summary>
    /// <exception cref="JsonException">The text is no such report.</exception>
    public static CrossValidationReport FromJson(string json) => JsonSerializer.Deserialize<CrossValidationReport>(json, Json)!;
}

/// <param name="Fold">From 1.</param>
/// <param name="TrainingImages">Of the other folds, less the one that chose epoch and threshold.</param>
public sealed record FoldFigures(
    int Fold, int TrainingImages, int ValidationImages, int Epochs, int BestEpoch, double Threshold, FigureSet Figures);

/// <param name="Lowest">Null where no fold has the figure.</param>
public sealed record FoldMeanFigure(string Name, Estimate Mean, double? Lowest, double? Highest);

using CovidCxr.Engine.Guard;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Explanation;
using CovidCxr.Learning.Severity;

namespace CovidCxr.Engine.Serving;

/// <summary>What a model said of a scan.</summary>
/// <param name="ModelSha256">Which file answered.</param>
/// <param name="Probabilities">One per class of the header, together 1.</param>
/// <param name="PredictedIndex">The positive class at or above the threshold, else the likeliest other.</param>
/// <param name="HeatMaps">One per class.</param>
/// <param name="InLungsByClass">The part of each class's heat map that lies inside the lungs, 0..1; null where the map is cold.</param>
/// <param name="Severity">Null where the model does not say.</param>
/// <param name="Guard">Whether the film may have a score at all.</param>
/// <param name="Elapsed">Preprocessing, waiting, forward pass and heat maps.</param>
/// <param name="Device">What computed, in words.</param>
public sealed record ScanInference(
    ModelHeader Model, string ModelSha256, IReadOnlyList<float> Probabilities, int PredictedIndex, IReadOnlyList<HeatMap> HeatMaps,
    IReadOnlyList<double?> InLungsByClass, SeverityEstimate? Severity, GuardVerdict Guard, TimeSpan Elapsed, string Device)
{
    /// <summary>Of the decided class.</summary>
    public double? InLungs => InLungsByClass[PredictedIndex];
}

/// <summary>No model is loaded.</summary>
public sealed class NoModelException()
    : InvalidOperationException("No model is active. An administrator activates one on the Models page.");

/// <summary>More scans wait than the queue holds; try again later.</summary>
public sealed class ModelBusyException() : InvalidOperationException("Too many scans are waiting.");

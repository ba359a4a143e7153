using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Explanation;

namespace CovidCxr.Engine.Serving;

/// <summary>What a model said of a scan.</summary>
/// <param name="ModelSha256">Which file answered.</param>
/// <param name="Probabilities">One per class of the header, together 1.</param>
/// <param name="PredictedIndex">The positive class at or above the threshold, else the likeliest other.</param>
/// <param name="HeatMaps">One per class.</param>
/// <param name="Elapsed">Preprocessing, waiting, forward pass and heat maps.</param>
/// <param name="Device">What computed, in words.</param>
public sealed record ScanInference(
    ModelHeader Model, string ModelSha256, IReadOnlyList<float> Probabilities, int PredictedIndex, IReadOnlyList<HeatMap> HeatMaps,
    TimeSpan Elapsed, string Device);

/// <summary>No model is loaded.</summary>
public sealed class NoModelException()
    : InvalidOperationException("No model is active. An administrator activates one on the Models page.");

/// <summary>More scans wait than the queue holds; try again later.</summary>
public sealed class ModelBusyException() : InvalidOperationException("Too many scans are waiting.");

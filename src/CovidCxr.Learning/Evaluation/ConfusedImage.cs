using CovidCxr.Learning.Data;
using CovidCxr.Learning.Explanation;

namespace CovidCxr.Learning.Evaluation;

/// <summary>An image that the model found hard (Adedigba et al. 2021, Fig. 9).</summary>
/// <param name="Path">Relative to the data folder.</param>
/// <param name="Loss">Cross-entropy.</param>
/// <param name="ProbabilityOfTruth">0..1.</param>
public sealed record ConfusedImage(string Path, string Predicted, string Truth, double Loss, double ProbabilityOfTruth)
{
    /// <summary>For whoever shows the image itself; no part of the report's JSON.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public CachedPixels? Pixels { get; init; }

    /// <summary>Where the network looked when it decided; as the pixels, no part of the JSON. Null unless asked for.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public HeatMap? HeatMap { get; init; }

    /// <summary>Those of highest loss, worst first; of equals the path decides.</summary>
    public static IReadOnlyList<ConfusedImage> WorstOf(IEnumerable<EvaluatedCase> cases, IReadOnlyList<string> classes, int count) =>
        [.. cases.OrderByDescending(c => c.Prediction.Loss).ThenBy(c => c.File.Path, StringComparer.Ordinal).Take(count)
            .Select(
                c => new ConfusedImage(
                    c.File.Path, classes[c.Decided], classes[c.Truth], c.Prediction.Loss, c.Prediction.Probabilities[c.Truth])
                    {
                        Pixels = c.Prediction.Sample.Image.Pixels,
                    })];
}

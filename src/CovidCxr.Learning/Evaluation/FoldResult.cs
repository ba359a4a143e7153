using System.Text.Json;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Files;
using CovidCxr.Learning.Training;

namespace CovidCxr.Learning.Evaluation;

/// <summary>What a finished fold leaves behind, so that a cross-validation that was interrupted goes on with the next.</summary>
/// <param name="Configuration">Of the run.</param>
/// <param name="ManifestHash">Which images, how divided.</param>
/// <param name="Answers">For every image of the fold's test part, by the model of the other folds.</param>
/// <param name="StopReason">Why its training ended before its last epoch; null where it did not.</param>
public sealed record FoldResult(
    string Configuration, string ManifestHash, double Threshold, int Epochs, int BestEpoch, IReadOnlyList<FoldResult.Answer> Answers,
    string? StopReason = null)
{
    static readonly JsonSerializerOptions Json = new() { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    /// <summary>What the model said of one image, and what it decided.</summary>
    public sealed record Answer(string Path, int Decided, float[] Probabilities, double Loss);

    /// <returns>Null where there is none of this configuration and division.</returns>
    public static FoldResult? TryRead(string path, string configuration, string manifestHash)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            var result = JsonSerializer.Deserialize<FoldResult>(File.ReadAllText(path), Json);
            var isOfThisRun = result is not null && result.ManifestHash == manifestHash
                && TrainingConfiguration.Upgraded(result.Configuration) == configuration;
            return isOfThisRun ? result : null;
        }
        catch (JsonException)
        {
            // Damaged: the fold is done again.
            return null;
        }
    }

    public void Write(string path) => DurableFile.Write(path, stream => JsonSerializer.Serialize(stream, this, Json));

    public IReadOnlyList<EvaluatedCase> Cases(DataSet data)
    {
        var samples = data.Samples.ToDictionary(s => s.Image.File.Path, StringComparer.Ordinal);
        return [.. Answers.Select(
            a => EvaluatedCase.Of(new Prediction(samples[a.Path], a.Probabilities, a.Loss), a.Decided, data.Options.GroupBy))];
    }
}

using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Engine.Training;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Optimization;

namespace CovidCxr.Engine.Evaluation;

/// <summary>Another model, such as the active one, for the same films as it would be shown them.</summary>
/// <param name="samples">The films by path, prepared by its own preset.</param>
/// <param name="seen">Paths of films that it was trained on.</param>
public sealed class Rival(ModelFile model, IReadOnlyDictionary<string, Sample> samples, IReadOnlySet<string> seen)
{
    const int BatchSize = 16;

    /// <summary>Makes the network of the file; tests take a smaller one than any of the catalogue.</summary>
    internal Func<ModelFile, Backbone> Create { get; init; } = file => file.ToNetwork();

    /// <param name="cases">What the candidate said of films that it was not trained on.</param>
    /// <returns>Null where no film is left that neither has seen.</returns>
    internal RivalFigures? Beside(IReadOnlyList<EvaluatedCase> cases, int positive, CancellationToken cancellation)
    {
        var common = cases.Where(c => samples.ContainsKey(c.File.Path) && !seen.Contains(c.File.Path)).ToList();
        if (common.Count == 0)
        {
            return null;
        }

        using var network = Create(model);
        network.MoveTo(ComputeDevice.Best);
        var answers = Predictor.Run(
            network, [.. common.Select(c => samples[c.File.Path])], model.Header.Preset, Precision.Float32, BatchSize, cancellation);
        return RivalFigures.Of(
            model.Header.Name, model.Sha256, common, positive,
            [.. answers.Select(a => (double)a.Probabilities[model.Header.PositiveClass])], model.Header.Threshold);
    }
}

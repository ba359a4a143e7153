using CovidCxr.Engine.Backbones;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Optimization;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Training;

/// <summary>Runs samples through a network in evaluation mode, without augmentation.</summary>
public static class Predictor
{
    /// <returns>One prediction per sample, in the samples' order. The network's modes are as before.</returns>
    /// <exception cref="OperationCanceledException">Cancelled between two batches.</exception>
    public static IReadOnlyList<Prediction> Run(
        Backbone network, IReadOnlyList<Sample> samples, PreprocessingPreset preset, Precision precision, int batchSize,
        CancellationToken cancellation) =>
        TryRun(network, samples, preset, precision, batchSize, cancellation) ?? throw new OperationCanceledException(cancellation);

    /// <returns>As <see cref="Run"/>; null where cancelled.</returns>
    public static IReadOnlyList<Prediction>? TryRun(
        Backbone network, IReadOnlyList<Sample> samples, PreprocessingPreset preset, Precision precision, int batchSize,
        CancellationToken cancellation)
    {
        var wasTraining = network.training;
        network.eval();
        var predictions = new List<Prediction>(samples.Count);
        var order = Enumerable.Range(0, samples.Count).ToArray();
        var loader = new BatchLoader(preset, batchSize);
        foreach (var batch in loader.Batches(samples, order, plan: null, skip: 0, CancellationToken.None))
        {
            if (cancellation.IsCancellationRequested)
            {
                network.train(wasTraining);
                return null;
            }

            using var scope = NewDisposeScope();
            using var inference = inference_mode();
            var logarithms = nn.functional.log_softmax(
                network.forward(batch.ToInput(preset, network.Device, precision)).to_type(ScalarType.Float32), 1).cpu();
            var values = logarithms.data<float>().ToArray();
            var classes = values.Length / batch.Count;
            for (var i = 0; i < batch.Count; i++)
            {
                var row = values.AsSpan(i * classes, classes).ToArray();
                predictions.Add(new(samples[predictions.Count], Array.ConvertAll(row, MathF.Exp), -row[batch.Labels[i]]));
            }
        }

        network.train(wasTraining);
        return predictions;
    }
}

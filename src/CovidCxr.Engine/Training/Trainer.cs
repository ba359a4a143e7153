using System.Diagnostics;
using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Optimization;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Data;
using CovidCxr.Statistics.Discrimination;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Training;

/// <summary>
/// The training loop. Order and augmentation are functions of seed, epoch and sample, so that a run resumed from its state sees what the
/// uninterrupted one would. Runs on the caller's thread, which should be one of its own (OpenMP keeps a pool per calling thread).
/// </summary>
public sealed class Trainer(TrainingState state, PreprocessingPreset preset, IReadOnlyList<TrainingCallback> callbacks)
{
    readonly IReadOnlyList<Sample> _train = state.Data.Of(DataPart.Train), _validation = state.Data.Of(DataPart.Validation);
    readonly BatchLoader _loader = new(preset, state.Options.BatchSize);
    readonly int _positive = state.Options.Classes.ToList().IndexOf(state.Options.PositiveClass);

    /// <summary>
    /// Trains from where the state stands to the last epoch, a stop reason, or cancellation (after the step in hand, or amid a validation,
    /// which a resumed run then repeats).
    /// </summary>
    public void Run(CancellationToken cancellation)
    {
        var labels = _train.Select(s => s.Class).ToList();
        var sources = _train.Select(s => s.Image.File.Source).ToList();
        state.StepsPerEpoch = EpochPlan.Steps(
            EpochPlan.Order(labels, sources, state.Options.Balance, state.Options.Seed, 0).Length, state.Options.BatchSize);
        // A checkpoint of larger batches may count the epoch's remainder as a step that smaller ones do not have.
        state.StepInEpoch = Math.Min(state.StepInEpoch, state.StepsPerEpoch);
        Raise(c => c.RunStarting(state));
        while (state.Epoch < state.Options.Epochs && state.StopReason is null)
        {
            if (!RunEpoch(EpochPlan.Order(labels, sources, state.Options.Balance, state.Options.Seed, state.Epoch), cancellation))
            {
                Raise(c => c.Interrupted(state));
                return;
            }
        }
    }

    bool RunEpoch(int[] order, CancellationToken cancellation)
    {
        var (started, waited, firstStep) = (Stopwatch.GetTimestamp(), _loader.Waited, state.StepInEpoch);
        state.Network.train();
        Raise(c => c.EpochStarting(state));
        using var weights = ClassWeights();
        AugmentationPlan Plan(int sample, int repetition) =>
            AugmentationPlan.Draw(state.Options.Augmentation, state.Options.Seed, state.Epoch, sample, repetition);
        var seen = order[..Math.Min(order.Length, state.StepsPerEpoch * state.Options.BatchSize)];
        foreach (var batch in _loader.Batches(
            _train, seen, state.Options.Augmentation == AugmentationOptions.None ? null : Plan, firstStep, CancellationToken.None))
        {
            Raise(c => c.StepStarting(state));
            Step(batch, weights);
            state.StepInEpoch++;
            Raise(c => c.StepDone(state));
            if (cancellation.IsCancellationRequested || state.StopReason is not null)
            {
                return false;
            }
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var imagesPerSecond = (state.StepInEpoch - firstStep) * state.Options.BatchSize / seconds;
        if (!Validate(imagesPerSecond, (_loader.Waited - waited).TotalSeconds, started, cancellation))
        {
            return false;
        }

        (state.Epoch, state.StepInEpoch, state.Sums) = (state.Epoch + 1, 0, new(0, 0, 0));
        Raise(c => c.EpochDone(state));
        return true;
    }

    void Step(Batch batch, Tensor? weights)
    {
        using var scope = NewDisposeScope();
        var parts = batch.Parts(state.Options.ImagesAtOnce).Select(p => Backward(batch, p, weights)).ToList();
        using var frozen = no_grad();
        TrainedParameter[] trained = [.. state.Parameters.Where(p => p.Layer >= state.FirstTrainedLayer && p.Working.grad is not null)];
        var gradients = TensorLists.ToFloat32(Array.ConvertAll(trained, p => p.Working.grad!));
        // One wait for the device serves all four.
        var (loss, plain, hits) = parts.Aggregate((sum, part) => (sum.Loss + part.Loss, sum.Plain + part.Plain, sum.Hits + part.Hits));
        var read = stack([loss, plain, hits, TensorLists.Largest(gradients)]).cpu().data<float>().ToArray();
        (state.Loss, state.PlainLoss) = (read[0], read[1]);
        state.Sums = new(
            state.Sums.Loss + (state.Loss * batch.Count), state.Sums.Hits + (long)read[2], state.Sums.Images + batch.Count,
            state.Sums.PlainLoss + (state.PlainLoss * batch.Count));
        var scale = state.Scaler.Scale;
        if (state.Scaler.Note(float.IsFinite(read[3])))
        {
            UpdateWeights(trained, gradients, scale);
        }

        state.Network.zero_grad();
    }

    // Adds the part's gradients to what there is. A part's mean loss counts by its share of the batch, or of the batch's class weights.
    (Tensor Loss, Tensor Plain, Tensor Hits) Backward(Batch batch, Range part, Tensor? weights)
    {
        using var scope = NewDisposeScope();
        var device = state.Network.Device;
        var labels = tensor(batch.Labels[part], device: device);
        var logits = state.Network.forward(batch.ToInput(preset, device, state.Options.Precision, part)).to_type(ScalarType.Float32);
        var loss = nn.functional.cross_entropy(logits, labels, weights, label_smoothing: state.Options.LabelSmoothing);
        var share = (double)labels.shape[0] / batch.Count;
        if (share < 1)
        {
            loss = weights is null
                ? loss.Scaled(share)
                : loss * weights.index_select(0, labels).sum() / weights.index_select(0, tensor(batch.Labels, device: device)).sum();
        }

        loss.Scaled(state.Scaler.Scale).backward();
        using var frozen = no_grad();
        // What the validation measures too, without weights of classes and smoothing of labels.
        var plain = nn.functional.cross_entropy(logits, labels).Scaled(share);
        var hits = logits.argmax(1).eq(labels).sum().to_type(ScalarType.Float32);
        return (loss.detach().MoveToOuterDisposeScope(), plain.MoveToOuterDisposeScope(), hits.MoveToOuterDisposeScope());
    }

    void UpdateWeights(TrainedParameter[] trained, Tensor[] gradients, double scale)
    {
        if (scale != 1)
        {
            TensorLists.Scale(gradients, [.. gradients.Select(_ => 1 / scale)]);
        }

        if (state.Options.MaxGradientNorm is { } longest && TensorLists.Norm(gradients) is var norm && norm > longest)
        {
            TensorLists.Scale(gradients, [.. gradients.Select(_ => longest / norm)]);
        }

        state.Optimizer.Update(trained, gradients, state.Layers);
        var copied = Array.FindAll(trained, p => p.HasCopy);
        if (copied.Length > 0)
        {
            TensorLists.Assign(Array.ConvertAll(copied, p => p.Working), Array.ConvertAll(copied, p => p.Master));
        }

        state.Average?.Add(state.Iteration);
    }

    bool Validate(double imagesPerSecond, double waited, long started, CancellationToken cancellation)
    {
        using var averaged = state.Average?.InPlace();
        if (Predictor.TryRun(
            state.Network, _validation, preset, state.Options.Precision,
            Math.Min(state.Options.BatchSize, state.Options.ImagesAtOnce ?? state.Options.BatchSize), cancellation) is not { } predictions)
        {
            return false;
        }

        var loss = predictions.Average(p => p.Loss);
        if (!double.IsFinite(loss))
        {
            // The last step's update destroyed the network: its own loss was still a number.
            (state.Loss, state.StopReason) = (
                loss,
                $"The validation loss became {loss} in epoch {state.Epoch + 1}. Lower the rate (schedule.maxRate) and start from the "
                    + $"best checkpoint.");
            return false;
        }

        var scores = predictions.Select(p => (double)p.Probabilities[_positive]).ToArray();
        var truth = predictions.Select(p => p.Sample.Class == _positive).ToArray();
        var counts = ConfusionCounts.At(0.5, scores, truth);
        state.History.Add(new(
            state.Epoch + 1, state.Sums.Loss / state.Sums.Images, (double)state.Sums.Hits / state.Sums.Images,
            loss, predictions.Average(p => p.Predicted == p.Sample.Class ? 1.0 : 0.0),
            counts.Sensitivity.Value, counts.Specificity.Value, RocCurve.Of(scores, truth).Area.Value,
            state.Layers[^1].Rate, state.Scaler.Scale, state.Scaler.SkippedSteps, imagesPerSecond, waited,
            Stopwatch.GetElapsedTime(started).TotalSeconds, state.Sums.PlainLoss / state.Sums.Images));
        return true;
    }

    // Inverse shares, scaled so that an even mixture would have weights of 1.
    Tensor? ClassWeights()
    {
        if (state.Options.Balance != Balance.Weighted)
        {
            return null;
        }

        var classes = state.Options.Classes.Count;
        return tensor(
            [.. Enumerable.Range(0, classes).Select(c => (float)_train.Count / classes / _train.Count(s => s.Class == c))],
            device: state.Network.Device);
    }

    void Raise(Action<TrainingCallback> raise)
    {
        foreach (var callback in callbacks)
        {
            raise(callback);
        }
    }
}

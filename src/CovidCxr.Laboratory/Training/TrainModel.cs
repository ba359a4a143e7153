using CovidCxr.Engine.Training;
using CovidCxr.Engine.Training.Sessions;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Training;

namespace CovidCxr.Laboratory.Training;

/// <summary>Trains one model from a configuration file, on a thread of its own.</summary>
public sealed class TrainModel(TimeProvider time)
{
    public async Task<TrainModelResult> RunAsync(
        TrainModelRequest request, Action<TrainingProgress> progress, CancellationToken cancellation)
    {
        try
        {
            NativeHeap.KeepFreedMemory();
            var options = TrainingConfiguration.FromJson(await File.ReadAllTextAsync(request.ConfigurationPath, cancellation));
            var place = new SessionPlace(request.DataFolder, request.OutputFolder, request.Resumes, request.StopReason)
            {
                CacheBytes = request.CacheBytes,
            };
            var session = new TrainingSession(options, place, time);
            // One thread for the whole run: dispose scopes and OpenMP's pool belong to the thread that calls.
            var result = await Task.Factory.StartNew(
                () => session.Run(
                    note => progress(new TrainingProgress.Note(note)),
                    state => progress(StepOf(state)),
                    epoch => progress(EpochOf(epoch)),
                    cancellation),
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            return new TrainModelResult.Ended(result.ModelPath, result.StopReason);
        }
        catch (Exception e) when (
            e is TrainingException or DataSetException or ModelFileException or IOException or UnauthorizedAccessException)
        {
            return new TrainModelResult.Refused(e.Message);
        }
        catch (Exception e) when (OutOfMemory.Is(e))
        {
            return new TrainModelResult.Refused(OutOfMemory.Advice);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Before the first step or after the last: there is nothing new to save.
            return new TrainModelResult.Ended(null, null);
        }
    }

    internal static TrainingProgress.Epoch EpochOf(EpochMetrics m) => new(
        m.Epoch, m.TrainLoss, m.TrainAccuracy, m.ValidationLoss, m.ValidationAccuracy, m.Sensitivity, m.Specificity, m.Area,
        m.ImagesPerSecond, m.WaitedSeconds, m.LossScale, m.SkippedSteps, m.Seconds, m.PlainTrainLoss);

    // Of a stage, its last layer: the one with the highest ceiling.
    internal static TrainingProgress.Step StepOf(TrainingState state) => new(
        state.Epoch + 1, state.Options.Epochs, state.StepInEpoch, state.StepsPerEpoch, state.Loss, state.Options.BatchSize,
        state.Scaler.Scale, state.Scaler.SkippedSteps,
        [.. state.Network.Layers.Zip(state.Layers).GroupBy(l => l.First.Stage).Select(
            g => new StageRate(g.Key, g.Last().Second.Rate, g.Last().Second.Momentum))],
        state.PlainLoss);
}

/// <param name="ConfigurationPath">The run's JSON.</param>
/// <param name="DataFolder">Where its sources' paths start.</param>
/// <param name="OutputFolder">Created where it is missing.</param>
/// <param name="Resumes">Go on from the newest checkpoint of the output folder.</param>
/// <param name="StopReason">Asked after every step: why to end with the best epoch so far; null to go on.</param>
public sealed record TrainModelRequest(
    string ConfigurationPath, string DataFolder, string OutputFolder, bool Resumes, Func<string?>? StopReason = null)
{
    /// <summary>Bytes of decoded images held in memory; those above it lie in a file in the output folder while the run lasts.</summary>
    public long CacheBytes { get; init; } = PixelCache.DefaultMaxBytes;
}

public abstract record TrainModelResult
{
    private TrainModelResult()
    {
    }

    /// <param name="ModelPath">Null where the run was interrupted.</param>
    /// <param name="StopReason">Why it ended early; null where it did not.</param>
    public sealed record Ended(string? ModelPath, string? StopReason) : TrainModelResult;

    public sealed record Refused(string Message) : TrainModelResult;
}

public abstract record TrainingProgress
{
    private TrainingProgress()
    {
    }

    public sealed record Note(string Text) : TrainingProgress;

    /// <summary>What follows belongs to this fold of a cross-validation, from 1.</summary>
    public sealed record Fold(int Number, int Folds) : TrainingProgress;

    /// <param name="Loss">What the step lowered, with weights of classes and smoothing of labels.</param>
    /// <param name="Stages">Rate and momentum of every stage, input first.</param>
    /// <param name="PlainLoss">Without weights and smoothing; null in lines of before it was measured.</param>
    public sealed record Step(
        int Number, int Epochs, int StepInEpoch, int Steps, double Loss, int BatchSize, double LossScale, int SkippedSteps,
        IReadOnlyList<StageRate> Stages, double? PlainLoss = null) : TrainingProgress;

    /// <param name="TrainLoss">What was lowered, with weights of classes and smoothing of labels.</param>
    /// <param name="ValidationLoss">Without them.</param>
    /// <param name="PlainTrainLoss">Of the training images, as the validation's; null in lines of before it was measured.</param>
    public sealed record Epoch(
        int Number, double TrainLoss, double TrainAccuracy, double ValidationLoss, double ValidationAccuracy, double? Sensitivity,
        double? Specificity, double? Area, double ImagesPerSecond, double WaitedSeconds, double LossScale, int SkippedSteps,
        double Seconds, double? PlainTrainLoss = null) : TrainingProgress
    {
        /// <summary>Whether something else was lowered than what the validation measures, or may have been.</summary>
        public bool IsOptimisedOtherwise => PlainTrainLoss is not { } plain || Math.Abs(plain - TrainLoss) > 1e-6 * Math.Abs(plain);
    }
}

/// <param name="Stage">stem, stage1 .. stage4 or head.</param>
public sealed record StageRate(string Stage, double Rate, double Momentum);

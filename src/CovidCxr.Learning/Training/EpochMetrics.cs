namespace CovidCxr.Learning.Training;

/// <summary>What an epoch measured. Losses are means over images; sensitivity and specificity are at the threshold 0.5.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Area">Under the ROC curve of the positive class; null where the validation set has one class.</param>
/// <param name="ImagesPerSecond">Training images over the training part of the epoch.</param>
/// <param name="WaitedSeconds">How long the trainer waited for batches.</param>
public sealed record EpochMetrics(
    int Epoch, double TrainLoss, double TrainAccuracy, double ValidationLoss, double ValidationAccuracy, double? Sensitivity,
    double? Specificity, double? Area, double HeadRate, double LossScale, int SkippedSteps, double ImagesPerSecond, double WaitedSeconds,
    double Seconds);

namespace CovidCxr.Learning.Training;

/// <summary>What an epoch measured. Losses are means over images; sensitivity and specificity are at the threshold 0.5.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="TrainLoss">What was lowered, with weights of classes and smoothing of labels.</param>
/// <param name="ValidationLoss">Cross-entropy without weights and smoothing.</param>
/// <param name="Area">Under the ROC curve of the positive class; null where the validation set has one class.</param>
/// <param name="ImagesPerSecond">Training images over the training part of the epoch.</param>
/// <param name="WaitedSeconds">How long the trainer waited for batches.</param>
/// <param name="PlainTrainLoss">The training images' cross-entropy as the validation's, augmented and while the weights moved; null in
/// histories of before it was measured.</param>
public sealed record EpochMetrics(
    int Epoch, double TrainLoss, double TrainAccuracy, double ValidationLoss, double ValidationAccuracy, double? Sensitivity,
    double? Specificity, double? Area, double HeadRate, double LossScale, int SkippedSteps, double ImagesPerSecond, double WaitedSeconds,
    double Seconds, double? PlainTrainLoss = null);

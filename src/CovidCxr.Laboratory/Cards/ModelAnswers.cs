using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Training;
using static CovidCxr.Laboratory.Cards.ItemAnswer;
using static CovidCxr.Laboratory.Cards.StudyAnswers;

namespace CovidCxr.Laboratory.Cards;

/// <summary>What is recorded of the network, its training and its threshold.</summary>
sealed class ModelAnswers(CardFacts facts)
{
    const string NoConfiguration = "The file says nothing of its training.";

    ModelHeader Header => facts.Header;

    string Positive => Header.Classes[Header.PositiveClass];

    TrainingConfiguration? By => facts.Configuration;

    public ItemAnswer Kind => InPart(
        $"Deep learning: a convolutional network ({Header.Architecture}) that scores a chest X-ray for {Positive}.",
        "The population that it is meant for is not recorded beyond its intended use.");

    public ItemAnswer Description => Recorded(
        Say($"{Header.Architecture}, input {Header.Preset.Width} x {Header.Preset.Height} pixels, one output for each of ")
            + $"{string.Join(", ", Header.Classes)}, as probabilities that add up to 1.",
        $"Weights and header are the file with SHA-256 {facts.Sha256}; it can be exported as ONNX.");

    public ItemAnswer Software => Header.Versions.Count == 0 && Header.Training is null
        ? NotRecorded("The libraries that made it are not recorded.")
        : Recorded(
            Header.Versions.Count > 0 ? $"{string.Join(", ", Header.Versions.Select(v => $"{v.Key} {v.Value}"))}." : null,
            Header.Training is { } training ? $"On {training.Machine}." : null);

    public ItemAnswer Start => By is null ? NotRecorded("Which weights it started from is not recorded.") : Recorded(
        facts.Ancestors.Count > 0
            ? facts.Ancestors
            : [Say($"Random weights, drawn with seed {By.Seed}.")]);

    public ItemAnswer Training => By is not { } by ? NotRecorded(NoConfiguration) : Recorded(
        Say($"{by.Optimizer}, {by.Epochs} epochs in batches of {by.BatchSize}, {by.Precision}; layers trained: {by.Mode}."),
        Say($"Schedule {by.Schedule.Shape}, a cycle per {by.Schedule.Cycle}, rates {by.Schedule.MinRate:G3} to {by.Schedule.MaxRate:G3}, ")
            + Say($"a rate for each {by.Schedule.Grouping}, momentum {by.Schedule.MinMomentum:G3} to {by.Schedule.MaxMomentum:G3}."),
        Say($"Weight decay {by.WeightDecay:G3} ({by.WeightDecayKind}), label smoothing {by.LabelSmoothing:G3}, balance {by.Balance}, ")
            + Say($"seed {by.Seed}."),
        IsAugmented(by)
            ? "Images are turned, zoomed, lit and warped at random while it trains; the configuration says how far."
            : "Images are not augmented.",
        string.Join(' ', Header.Training?.Remarks ?? []));

    static bool IsAugmented(TrainingConfiguration by) => by.Augmentation is not
    {
        RotationChance: 0,
        BlurChance: 0,
        ZoomChance: 0,
        LightingChance: 0,
        WarpChance: 0,
        FlipChance: 0,
        CoarseChance: 0,
        MaxNoise: 0,
        MaxGamma: 1,
    };

    public ItemAnswer Choice => By is not { } by || Header.Training is not { } training ? NotRecorded(NoConfiguration) : Recorded(
        by.BestEpoch == BestEpoch.LowestLoss
            ? "The epoch with the lowest loss on the validation part."
            : "The epoch with the largest area under the ROC curve on the validation part.",
        Say($"It was epoch {training.BestEpoch} of {training.Epochs}."), ThresholdWords);

    string ThresholdWords => By switch
    {
        null => Say($"The threshold is {Header.Threshold:F3}; how it was chosen is not recorded."),
        { TargetSensitivity: { } wanted } => Say($"The threshold, {Header.Threshold:F3}, is the highest at which the validation part ")
            + Say($"reaches a sensitivity of {wanted:G3}.") + ThresholdInterval,
        _ => Say($"The threshold, {Header.Threshold:F3}, is that of the largest Youden index on the validation part."),
    };

    string ThresholdInterval => Header.ThresholdInterval is { Lower: { } lower, Upper: { } upper } interval
        ? Say($" Other patients would have put it at {lower:F3} to {upper:F3} (95% interval, {interval.Count} positive films).")
        : "";

    public ItemAnswer Ensemble => By is { AverageDecay: > 0 }
        ? Recorded("One network; its weights are a running mean of those of the training's steps.")
        : Recorded("One network; nothing votes.");

    public static ItemAnswer Predictors => InPart(
        "The pixels of one film, and nothing else of the patient.", "Why no other is not recorded.");

    public static ItemAnswer PredictorAssessors => Recorded("No person judges a predictor: the program reads the pixels.");

    public ItemAnswer Building => By is null ? NotRecorded(NoConfiguration) : InPart(
        Description.Text, Training.Text, Choice.Text,
        "Other configurations that were tried before are not recorded with the version.");

    public ItemAnswer Updating => By is null ? NotRecorded("Whether it goes on from an earlier model is not recorded.")
        : facts.Ancestors.Count > 0 ? Recorded("It was trained on from earlier weights.", string.Join(' ', facts.Ancestors))
        : NotDone("It is not an update of an earlier model.");

    public ItemAnswer Predicting => facts.Acceptance?.Results is { Count: > 0 }
        ? Recorded(Say($"By the file itself, as it stands, at its own threshold of {Header.Threshold:F3}; nothing was recalibrated."))
        : NotRecorded("No evaluation is recorded here.");

    public ItemAnswer Balance => By is not { } by ? NotRecorded(NoConfiguration) : Recorded(
        by.Balance switch
        {
            Learning.Data.Balance.None => "Classes are taken as they are.",
            Learning.Data.Balance.Oversample => "Images of smaller classes are repeated until all classes are alike.",
            Learning.Data.Balance.Undersample => "Every class as often as the smallest, another choice each epoch.",
            Learning.Data.Balance.ClassAndSource => "Every class as often as another, and within a class every source.",
            _ => "The loss is weighted by the inverse of a class's share.",
        },
        Header.Temperature is { } temperature
            ? Say($"Scores were recalibrated afterwards: the logits are divided by a temperature of {temperature:F2}, fitted on the ")
                + "validation part."
            : "Scores were not recalibrated afterwards.");

    public ItemAnswer Output => InPart(
        $"A probability of each class; {Positive} is called at or above the threshold.", ThresholdWords,
        facts.AcceptedHere is { } here ? Say($"In this department {here.Threshold:F3}, chosen on its own referenced studies.") : null,
        By?.TargetSensitivity is null ? "Why this rule is not recorded." : "Why this sensitivity is not recorded.");
}

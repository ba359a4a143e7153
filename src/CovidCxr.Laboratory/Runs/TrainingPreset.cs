using CovidCxr.Learning.Data;
using CovidCxr.Learning.Optimization;

namespace CovidCxr.Laboratory.Runs;

/// <summary>A named starting point of a draft; the paper's values where it names the paper (Adedigba et al. 2021, eq. 3-8).</summary>
/// <param name="Why">For whom, in a sentence.</param>
/// <param name="Draft">A draft of its own, to be changed freely.</param>
public sealed record TrainingPreset(string Name, string Why, Func<TrainingDraft> Draft)
{
    public static IReadOnlyList<TrainingPreset> All { get; } =
    [
        new(
            "Small machine", "ResNet18 at 128 pixels: minutes on a processor without a GPU; rates of this network's own range test.",
            Small),
        new(
            "Lungs, from ImageNet",
            "As the model that ships: a short ResNet from ImageNet's weights, shown the lungs alone, classes and sources balanced.", Lungs),
        new("Paper: DenseNet169", "Discriminative fine-tuning as published: batches of 64 at 400 pixels, 20 epochs. Needs a GPU.", () =>
            Paper("densenet169", 1e-4, 1e-2, 0.79, 0.9)),
        new("Paper: ResNet152", "Discriminative fine-tuning as published: batches of 64 at 400 pixels, 20 epochs. Needs a GPU.", () =>
            Paper("resnet152", 1e-3, 1e-1, 0.8, 0.99)),
        new("Traditional", "The paper's baseline: one constant rate and momentum for all layers, 100 epochs. Needs a GPU.", Traditional),
    ];

    // The paper's range, for batches of 64 at 400 pixels, is too high here (.decisions, 2026-11-26).
    static TrainingDraft Small() => new()
    {
        MinRate = 2.5e-5,
        MaxRate = 2.5e-4,
    };

    static TrainingDraft Lungs() => new()
    {
        Architecture = "resnet16",
        StartsFromImageNet = true,
        CropsToLungs = true,
        ImageSize = 192,
        Epochs = 6,
        Balance = Balance.ClassAndSource,
        Cycle = CycleLength.Run,
        Momentum = MomentumMode.Inverse,
        MinRate = 5e-5,
        MaxRate = 5e-4,
        MinMomentum = 0.85,
        MaxMomentum = 0.95,
        WeightDecay = 0.02,
        WeightDecayKind = WeightDecayKind.Decoupled,
        LabelSmoothing = 0.05,
        AverageDecay = 0.995,
        MaxGradientNorm = 5,
        FrozenStages = 1,
        TargetSensitivity = 0.9,
        Augmentation = new()
        {
            Rotations = "5, 10",
            MaxZoom = 1.2,
            MaxLighting = 1.3,
            WarpMagnitude = 0.2,
            MaxGamma = 1.4,
            CoarseChance = 0.5,
            MaxNoise = 0.03,
        },
    };

    static TrainingDraft Paper(string architecture, double minRate, double maxRate, double minMomentum, double maxMomentum) => new()
    {
        Architecture = architecture,
        ImageSize = 400,
        BatchSize = 64,
        Epochs = 20,
        Precision = Precision.Float16,
        MinRate = minRate,
        MaxRate = maxRate,
        MinMomentum = minMomentum,
        MaxMomentum = maxMomentum,
    };

    static TrainingDraft Traditional()
    {
        var draft = Paper("densenet169", 1e-4, 1e-4, 0.9, 0.9);
        (draft.Shape, draft.Epochs) = (ScheduleShape.Constant, 100);
        return draft;
    }
}

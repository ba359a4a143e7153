using CovidCxr.Engine.Backbones;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Optimization;
using CovidCxr.Learning.Training;

namespace CovidCxr.Laboratory.Runs;

/// <summary>What the page asks for: the options of a run in plain values, and how they become a configuration.</summary>
public sealed class RetrainingForm
{
    public static IReadOnlyList<string> Architectures { get; } = [.. BackboneCatalog.Names];

    public static IReadOnlyList<string> Precisions { get; } = Enum.GetNames<Precision>();

    public static IReadOnlyList<string> Shapes { get; } = Enum.GetNames<ScheduleShape>();

    public static IReadOnlyList<string> Cycles { get; } = Enum.GetNames<CycleLength>();

    public static IReadOnlyList<string> MomentumModes { get; } = Enum.GetNames<MomentumMode>();

    public static IReadOnlyList<string> Groupings { get; } = Enum.GetNames<LayerGrouping>();

    public static IReadOnlyList<string> Optimizers { get; } = Enum.GetNames<OptimizerKind>();

    public static IReadOnlyList<string> WeightDecayKinds { get; } = Enum.GetNames<WeightDecayKind>();

    public static IReadOnlyList<string> Modes { get; } = Enum.GetNames<UnfreezingMode>();

    public static IReadOnlyList<string> Balances { get; } = Enum.GetNames<Balance>();

    public string Name { get; set; } = "";

    public string Architecture { get; set; } = "resnet18";

    /// <summary>The registered version whose weights the run starts from; null for a random start.</summary>
    public Guid? InitialVersionId { get; set; }

    public int ImageSize { get; set; } = 128;

    public int BatchSize { get; set; } = 16;

    public int Epochs { get; set; } = 10;

    public double MinRate { get; set; } = 1e-4;

    public double MaxRate { get; set; } = 1e-2;

    public double MinMomentum { get; set; } = 0.79;

    public double MaxMomentum { get; set; } = 0.9;

    public string Shape { get; set; } = nameof(ScheduleShape.Triangle);

    public string Cycle { get; set; } = nameof(CycleLength.Epoch);

    /// <summary>The share of a cycle in which the rate rises.</summary>
    public double Rise { get; set; } = 0.3;

    public string Grouping { get; set; } = nameof(LayerGrouping.Layer);

    public string Momentum { get; set; } = nameof(MomentumMode.WithRate);

    public string Optimizer { get; set; } = nameof(OptimizerKind.Adam);

    public string Precision { get; set; } = nameof(Learning.Optimization.Precision.Float32);

    public string Mode { get; set; } = nameof(UnfreezingMode.All);

    /// <summary>With gradual unfreezing.</summary>
    public int EpochsPerStage { get; set; } = 2;

    public string Balance { get; set; } = nameof(Learning.Data.Balance.Weighted);

    public double WeightDecay { get; set; } = 0.01;

    public string WeightDecayKind { get; set; } = nameof(Learning.Optimization.WeightDecayKind.L2);

    public bool DecaysNormsAndBiases { get; set; }

    public double LabelSmoothing { get; set; }

    /// <summary>Epochs without a better validation loss after which the run ends; null for never.</summary>
    public int? Patience { get; set; }

    public bool Augments { get; set; } = true;

    public AugmentationForm Augmentation { get; } = new();

    public long Seed { get; set; } = 1;

    public string PositiveClass { get; set; } = "COVID-19";

    /// <summary>What to train on.</summary>
    public Guid? DataSetVersionId { get; set; }

    internal ScheduleOptions ToSchedule() => new(
        Enum.Parse<ScheduleShape>(Shape), Enum.Parse<CycleLength>(Cycle), MinRate, MaxRate, MinMomentum, MaxMomentum, Rise, Enum.Parse<MomentumMode>(Momentum),
        Enum.Parse<LayerGrouping>(Grouping));

    /// <summary>The configuration that these values mean.</summary>
    /// <param name="title">Of the data set version.</param>
    /// <param name="initialModel">The file of the version to start from; null for a random start.</param>
    /// <exception cref="TrainingException">A value is out of range, or the data set is not divided; the message names it.</exception>
    internal TrainingConfiguration ToOptions(string title, DataSource source, ImageManifest manifest, string? initialModel)
    {
        var split = manifest.Split ?? throw new TrainingException("The data set version is not divided yet: divide it on its page first.");
        var options = new TrainingConfiguration
        {
            Name = string.IsNullOrWhiteSpace(Name) ? $"{Architecture} on {title}" : Name.Trim(),
            Architecture = Architecture,
            Classes = [.. manifest.Images.Where(i => i.Problem is null).Select(i => i.Class).Distinct().OrderByDescending(c => c == PositiveClass).ThenBy(c => c, StringComparer.Ordinal)],
            PositiveClass = PositiveClass,
            Data = new(title, [source], split.Fractions, split.By),
            InitialModel = initialModel,
            ImageSize = ImageSize,
            BatchSize = BatchSize,
            Epochs = Epochs,
            Seed = Seed,
            Optimizer = Enum.Parse<OptimizerKind>(Optimizer),
            Schedule = ToSchedule(),
            WeightDecay = WeightDecay,
            WeightDecayKind = Enum.Parse<WeightDecayKind>(WeightDecayKind),
            DecaysNormsAndBiases = DecaysNormsAndBiases,
            Mode = Enum.Parse<UnfreezingMode>(Mode),
            EpochsPerStage = EpochsPerStage,
            Precision = Enum.Parse<Precision>(Precision),
            Balance = Enum.Parse<Balance>(Balance),
            LabelSmoothing = LabelSmoothing,
            Augmentation = Augments ? ToAugmentation() : AugmentationOptions.None,
            Patience = Patience,
        };
        options.Validate();
        return options;
    }

    AugmentationOptions ToAugmentation()
    {
        try
        {
            return Augmentation.ToOptions();
        }
        catch (ArgumentException e)
        {
            throw new TrainingException(e.Message, e);
        }
    }
}

using CovidCxr.Domain.Readings;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Laboratory.Plans;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Optimization;
using CovidCxr.Learning.Training;

namespace CovidCxr.Laboratory.Runs;

/// <summary>
/// A configuration while somebody edits it: a mutable view of <see cref="Configuration"/>. What it takes from a data set version and from a
/// registered model is chosen by their ids, and filled in when the run starts.
/// </summary>
public sealed class TrainingDraft
{
    public TrainingConfiguration Configuration { get; private set; } = new()
    {
        Name = "",
        Architecture = "resnet18",
        Classes = [],
        // Until somebody names another.
        PositiveClass = ReadDisease.Name,
        Data = new("", [], new()),
        ImageSize = 128,
        Epochs = 10,
        Balance = Balance.Weighted,
    };

    /// <summary>What to train on.</summary>
    public Guid? DataSetVersionId { get; set; }

    /// <summary>The registered version whose weights the run starts from; null for a random start.</summary>
    public Guid? InitialVersionId { get; set; }

    /// <summary>Starts from ImageNet's weights, which come with the program; then no version is started from.</summary>
    public bool StartsFromImageNet { get; set; }

    /// <summary>What the run is to change and how that is judged; null for an exploration.</summary>
    public PlanDraft? Plan { get; set; }

    public bool Augments { get; set; } = true;

    public AugmentationForm Augmentation { get; init; } = new();

    public string Name
    {
        get => Configuration.Name;
        set => Configuration = Configuration with { Name = value };
    }

    public string Architecture
    {
        get => Configuration.Architecture;
        set => Configuration = Configuration with { Architecture = value };
    }

    public int ImageSize
    {
        get => Configuration.ImageSize;
        set => Configuration = Configuration with { ImageSize = value };
    }

    public int BatchSize
    {
        get => Configuration.BatchSize;
        set => Configuration = Configuration with { BatchSize = value };
    }

    public int Epochs
    {
        get => Configuration.Epochs;
        set => Configuration = Configuration with { Epochs = value };
    }

    public OptimizerKind Optimizer
    {
        get => Configuration.Optimizer;
        set => Configuration = Configuration with { Optimizer = value };
    }

    public Precision Precision
    {
        get => Configuration.Precision;
        set => Configuration = Configuration with { Precision = value };
    }

    public UnfreezingMode Mode
    {
        get => Configuration.Mode;
        set => Configuration = Configuration with { Mode = value };
    }

    public int EpochsPerStage
    {
        get => Configuration.EpochsPerStage;
        set => Configuration = Configuration with { EpochsPerStage = value };
    }

    public Balance Balance
    {
        get => Configuration.Balance;
        set => Configuration = Configuration with { Balance = value };
    }

    /// <summary>Shows the network the lungs alone, in their own grey values.</summary>
    public bool CropsToLungs
    {
        get => Configuration.Lungs is not null;
        set => Configuration = Configuration with { Lungs = value ? new() : null };
    }

    public int FrozenStages
    {
        get => Configuration.FrozenStages;
        set => Configuration = Configuration with { FrozenStages = value };
    }

    public double AverageDecay
    {
        get => Configuration.AverageDecay;
        set => Configuration = Configuration with { AverageDecay = value };
    }

    public double? MaxGradientNorm
    {
        get => Configuration.MaxGradientNorm;
        set => Configuration = Configuration with { MaxGradientNorm = value };
    }

    public int? ImagesAtOnce
    {
        get => Configuration.ImagesAtOnce;
        set => Configuration = Configuration with { ImagesAtOnce = value };
    }

    public bool ScalesTemperature
    {
        get => Configuration.ScalesTemperature;
        set => Configuration = Configuration with { ScalesTemperature = value };
    }

    public BestEpoch BestEpoch
    {
        get => Configuration.BestEpoch;
        set => Configuration = Configuration with { BestEpoch = value };
    }

    public double? TargetSensitivity
    {
        get => Configuration.TargetSensitivity;
        set => Configuration = Configuration with { TargetSensitivity = value };
    }

    public double WeightDecay
    {
        get => Configuration.WeightDecay;
        set => Configuration = Configuration with { WeightDecay = value };
    }

    public WeightDecayKind WeightDecayKind
    {
        get => Configuration.WeightDecayKind;
        set => Configuration = Configuration with { WeightDecayKind = value };
    }

    public bool DecaysNormsAndBiases
    {
        get => Configuration.DecaysNormsAndBiases;
        set => Configuration = Configuration with { DecaysNormsAndBiases = value };
    }

    public double LabelSmoothing
    {
        get => Configuration.LabelSmoothing;
        set => Configuration = Configuration with { LabelSmoothing = value };
    }

    public int? Patience
    {
        get => Configuration.Patience;
        set => Configuration = Configuration with { Patience = value };
    }

    public long Seed
    {
        get => Configuration.Seed;
        set => Configuration = Configuration with { Seed = value };
    }

    public string PositiveClass
    {
        get => Configuration.PositiveClass;
        set => Configuration = Configuration with { PositiveClass = value };
    }

    public double MinRate
    {
        get => Configuration.Schedule.MinRate;
        set => Configuration = Configuration with { Schedule = Configuration.Schedule with { MinRate = value } };
    }

    public double MaxRate
    {
        get => Configuration.Schedule.MaxRate;
        set => Configuration = Configuration with { Schedule = Configuration.Schedule with { MaxRate = value } };
    }

    public double MinMomentum
    {
        get => Configuration.Schedule.MinMomentum;
        set => Configuration = Configuration with { Schedule = Configuration.Schedule with { MinMomentum = value } };
    }

    public double MaxMomentum
    {
        get => Configuration.Schedule.MaxMomentum;
        set => Configuration = Configuration with { Schedule = Configuration.Schedule with { MaxMomentum = value } };
    }

    public ScheduleShape Shape
    {
        get => Configuration.Schedule.Shape;
        set => Configuration = Configuration with { Schedule = Configuration.Schedule with { Shape = value } };
    }

    public CycleLength Cycle
    {
        get => Configuration.Schedule.Cycle;
        set => Configuration = Configuration with { Schedule = Configuration.Schedule with { Cycle = value } };
    }

    public double Rise
    {
        get => Configuration.Schedule.Rise;
        set => Configuration = Configuration with { Schedule = Configuration.Schedule with { Rise = value } };
    }

    public double? FinalRate
    {
        get => Configuration.Schedule.FinalRate;
        set => Configuration = Configuration with { Schedule = Configuration.Schedule with { FinalRate = value } };
    }

    public int RangeTestSteps
    {
        get => Configuration.RangeTestSteps;
        set => Configuration = Configuration with { RangeTestSteps = value };
    }

    public LayerGrouping Grouping
    {
        get => Configuration.Schedule.Grouping;
        set => Configuration = Configuration with { Schedule = Configuration.Schedule with { Grouping = value } };
    }

    public MomentumMode Momentum
    {
        get => Configuration.Schedule.Momentum;
        set => Configuration = Configuration with { Schedule = Configuration.Schedule with { Momentum = value } };
    }

    /// <summary>The configuration on these images, checked.</summary>
    /// <param name="title">Of the data set version.</param>
    /// <param name="initialModel">The file of the version to start from; null for a random start.</param>
    /// <exception cref="TrainingException">A value is out of range, or the data set is not divided; the message names it.</exception>
    internal TrainingConfiguration On(string title, DataSource source, ImageManifest manifest, string? initialModel)
    {
        var split = manifest.Split ?? throw new TrainingException("The data set version is not divided yet: divide it on its page first.");
        var configuration = Configuration with
        {
            Name = string.IsNullOrWhiteSpace(Name) ? $"{Architecture} on {manifest.Name}" : Name.Trim(),
            Classes = ClassesOf(manifest),
            Data = new(title, [source], split.Fractions, split.By),
            InitialModel = initialModel,
            Augmentation = Augments ? ToAugmentation() : AugmentationOptions.None,
        };
        configuration.Validate();
        return configuration;
    }

    // The positive class first, as people list them.
    IReadOnlyList<string> ClassesOf(ImageManifest manifest) =>
    [
        .. manifest.Images.Where(i => i.Problem is null).Select(i => i.Class).Distinct()
            .OrderByDescending(c => c == PositiveClass).ThenBy(c => c, StringComparer.Ordinal),
    ];

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

using CovidCxr.Imaging.Augmentation;
using CovidCxr.Learning.Backbones;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Optimization;
using CovidCxr.Learning.Training;

namespace CovidCxr.Application.Training;

/// <summary>What the page asks for: the options of a run in plain values, and how they become a configuration.</summary>
public sealed class RetrainingForm
{
    public static IReadOnlyList<string> Architectures { get; } = [.. BackboneCatalog.Names];

    public static IReadOnlyList<string> Precisions { get; } = Enum.GetNames<Precision>();

    public static IReadOnlyList<string> Shapes { get; } = Enum.GetNames<ScheduleShape>();

    public static IReadOnlyList<string> Cycles { get; } = Enum.GetNames<CycleLength>();

    public static IReadOnlyList<string> MomentumModes { get; } = Enum.GetNames<MomentumMode>();

    public static IReadOnlyList<string> Modes { get; } = Enum.GetNames<RetrainingMode>();

    public static IReadOnlyList<string> Balances { get; } = Enum.GetNames<Balance>();

    public string Name { get; set; } = "";

    public string Architecture { get; set; } = "resnet18";

    public int ImageSize { get; set; } = 128;

    public int BatchSize { get; set; } = 16;

    public int Epochs { get; set; } = 10;

    public double MinRate { get; set; } = 1e-4;

    public double MaxRate { get; set; } = 1e-2;

    public double MinMomentum { get; set; } = 0.79;

    public double MaxMomentum { get; set; } = 0.9;

    public string Shape { get; set; } = nameof(ScheduleShape.Triangle);

    public string Cycle { get; set; } = nameof(CycleLength.Epoch);

    public string Momentum { get; set; } = nameof(MomentumMode.WithRate);

    public string Precision { get; set; } = nameof(Learning.Optimization.Precision.Float32);

    public string Mode { get; set; } = nameof(RetrainingMode.All);

    public string Balance { get; set; } = nameof(Learning.Data.Balance.Weighted);

    public double WeightDecay { get; set; } = 0.01;

    public bool Augments { get; set; } = true;

    public long Seed { get; set; } = 1;

    public string PositiveClass { get; set; } = "COVID-19";

    /// <summary>What to train on.</summary>
    public Guid? DataSetVersionId { get; set; }

    internal ScheduleOptions ToSchedule() => new(
        Enum.Parse<ScheduleShape>(Shape), Enum.Parse<CycleLength>(Cycle), MinRate, MaxRate, MinMomentum, MaxMomentum, Momentum: Enum.Parse<MomentumMode>(Momentum));

    /// <summary>The configuration that these values mean.</summary>
    /// <param name="title">Of the data set version.</param>
    /// <exception cref="TrainingException">A value is out of range, or the data set is not divided; the message names it.</exception>
    internal TrainingOptions ToOptions(string title, DataSource source, ImageManifest manifest)
    {
        var split = manifest.Split ?? throw new TrainingException("The data set version is not divided yet: divide it on its page first.");
        var options = new TrainingOptions
        {
            Name = string.IsNullOrWhiteSpace(Name) ? $"{Architecture} on {title}" : Name.Trim(),
            Architecture = Architecture,
            Classes = [.. manifest.Images.Where(i => i.Problem is null).Select(i => i.Class).Distinct().OrderByDescending(c => c == PositiveClass).ThenBy(c => c, StringComparer.Ordinal)],
            PositiveClass = PositiveClass,
            Data = new(title, [source], split.Fractions, split.By),
            ImageSize = ImageSize,
            BatchSize = BatchSize,
            Epochs = Epochs,
            Seed = Seed,
            Schedule = ToSchedule(),
            WeightDecay = WeightDecay,
            Mode = Enum.Parse<RetrainingMode>(Mode),
            Precision = Enum.Parse<Precision>(Precision),
            Balance = Enum.Parse<Balance>(Balance),
            Augmentation = Augments ? AugmentationOptions.Paper : AugmentationOptions.None,
        };
        options.Validate();
        return options;
    }
}

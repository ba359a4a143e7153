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

    /// <summary>Share of the patients, 0..1; what validation and test leave is trained on.</summary>
    public double ValidationShare { get; set; } = 0.3;

    public double TestShare { get; set; }

    public long Seed { get; set; } = 1;

    public string PositiveClass { get; set; } = "COVID-19";

    /// <summary>By folder, then by the folder's own class: the class to train it as. A class that is not named is left out.</summary>
    public Dictionary<string, Dictionary<string, string>> Classes { get; init; } = [];

    internal ScheduleOptions ToSchedule() => new(
        Enum.Parse<ScheduleShape>(Shape), Enum.Parse<CycleLength>(Cycle), MinRate, MaxRate, MinMomentum, MaxMomentum, Momentum: Enum.Parse<MomentumMode>(Momentum));

    /// <summary>The configuration that these values mean, with the chosen folders as its data.</summary>
    /// <exception cref="TrainingException">No data is chosen, or a value is out of range; the message names it.</exception>
    internal TrainingOptions ToOptions(IReadOnlyList<DataFolderView> folders)
    {
        var sources = folders.Where(f => Names(f).Count > 0).ToList();
        if (sources.Count == 0)
        {
            throw new TrainingException("Choose at least one data folder and name the classes to train.");
        }

        var classes = sources.SelectMany(f => Names(f).Values).Distinct().OrderByDescending(c => c == PositiveClass).ThenBy(c => c, StringComparer.Ordinal).ToList();
        var options = new TrainingOptions
        {
            Name = string.IsNullOrWhiteSpace(Name) ? $"{Architecture} on {string.Join(", ", sources.Select(s => s.Path))}" : Name.Trim(),
            Architecture = Architecture,
            Classes = classes,
            PositiveClass = PositiveClass,
            Data = new(string.Join(" and ", sources.Select(s => s.Path)), [.. sources.Select(s => s.ToSource(Names(s)))], new(Math.Round(1 - ValidationShare - TestShare, 6), ValidationShare, TestShare)),
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

    Dictionary<string, string> Names(DataFolderView folder) => Classes.TryGetValue(folder.Path, out var names)
        ? names.Where(n => !string.IsNullOrWhiteSpace(n.Value)).ToDictionary(n => n.Key, n => n.Value.Trim())
        : [];
}

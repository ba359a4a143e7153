using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Training;

namespace CovidCxr.Testing;

/// <summary>The configuration of small runs, on drawn films of 32 pixels.</summary>
public static class Runs
{
    public static readonly PreprocessingPreset Preset = PreprocessingPreset.Square(32);

    public static readonly DataSource Films = new(
        "films", new Dictionary<string, string> { ["COVID-19"] = "COVID-19", ["Other"] = "Other" }, PatientPattern: "^(p\\d+)_");

    public static readonly TrainingConfiguration Options = new()
    {
        Name = "test",
        Architecture = "resnet18",
        Classes = ["COVID-19", "Other"],
        PositiveClass = "COVID-19",
        Data = new("phantoms", [Films], new(0.7, 0.3)),
        ImageSize = 32,
        BatchSize = 4,
        Epochs = 3,
        Seed = 7,
        Schedule = new(MinRate: 1e-3, MaxRate: 1e-2),
        Augmentation = AugmentationOptions.Paper,
    };

    public static DataSet Load(FilmFolder folder, TrainingConfiguration? options = null)
    {
        options ??= Options;
        return DataSet.Load(options.Data, folder.Root, options.Classes, Preset, options.Seed, null, CancellationToken.None);
    }
}

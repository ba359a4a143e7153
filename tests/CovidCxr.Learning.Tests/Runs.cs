using System.Security.Cryptography;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Backbones;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Training;

namespace CovidCxr.Learning.Tests;

/// <summary>Small runs: a tiny network on drawn films of 32 pixels.</summary>
static class Runs
{
    public static readonly PreprocessingPreset Preset = PreprocessingPreset.Square(32);

    public static readonly DataSource Films = new("films", new Dictionary<string, string> { ["COVID-19"] = "COVID-19", ["Other"] = "Other" }, PatientPattern: "^(p\\d+)_");

    public static readonly TrainingOptions Options = new()
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
        Augmentation = CovidCxr.Imaging.Augmentation.AugmentationOptions.Paper,
    };

    public static DataSet Load(FilmFolder folder, TrainingOptions? options = null)
    {
        options ??= Options;
        return DataSet.Load(options.Data, folder.Root, options.Classes, Preset, options.Seed, null, TestContext.Current.CancellationToken);
    }

    /// <summary>The state of a fresh run of the tiny network.</summary>
    public static TrainingState Start(TrainingOptions options, DataSet data) => TrainingState.Create(options, data, Network(options.Seed));

    public static Backbone Network(long seed)
    {
        TorchSharp.torch.random.manual_seed(seed);
        return new TinyNetwork();
    }

    public static void Train(TrainingState state, params TrainingCallback[] callbacks) =>
        new Trainer(state, Preset, [new CovidCxr.Learning.Training.Callbacks.ScheduleCallback(), new CovidCxr.Learning.Training.Callbacks.UnfreezingCallback(), .. callbacks])
            .Run(TestContext.Current.CancellationToken);

    /// <summary>SHA-256 over all weights, statistics and moments.</summary>
    public static string Hash(TrainingState state)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var moments = state.Optimizer.Moments.Select(m => KeyValuePair.Create("moment/" + m.Key, StateDict.ToStored(m.Value)));
        foreach (var (name, tensor) in state.Weights().Concat(moments).OrderBy(e => e.Key, StringComparer.Ordinal))
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(name));
            hash.AppendData(tensor.Data.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

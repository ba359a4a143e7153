using System.Security.Cryptography;
using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Engine.Training;
using CovidCxr.Engine.Training.Callbacks;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Training;
using CovidCxr.Testing;

namespace CovidCxr.Engine.Tests;

/// <summary>Small runs of a tiny network.</summary>
static class TinyRuns
{
    /// <summary>The state of a fresh run of the tiny network.</summary>
    public static TrainingState Start(TrainingConfiguration options, DataSet data) =>
        TrainingState.Create(options, data, Network(options.Seed));

    public static Backbone Network(long seed)
    {
        TorchSharp.torch.random.manual_seed(seed);
        return new TinyNetwork();
    }

    public static void Train(TrainingState state, params TrainingCallback[] callbacks) =>
        new Trainer(state, Runs.Preset, [new ScheduleCallback(), new UnfreezingCallback(), .. callbacks])
            .Run(TestContext.Current.CancellationToken);

    /// <summary>SHA-256 over all weights, statistics and moments.</summary>
    public static string Hash(TrainingState state) => Hash(
        state.Weights().Concat(
            state.Optimizer.Moments.Select(m => KeyValuePair.Create("moment/" + m.Key, StateDict.ToStored(m.Value)))));

    /// <summary>SHA-256 over names and values.</summary>
    public static string Hash(IEnumerable<KeyValuePair<string, StoredTensor>> tensors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, tensor) in tensors.OrderBy(e => e.Key, StringComparer.Ordinal))
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(name));
            hash.AppendData(tensor.Data.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

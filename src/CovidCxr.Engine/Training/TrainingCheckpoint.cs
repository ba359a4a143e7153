using System.Security.Cryptography;
using System.Text.Json;
using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Files;
using CovidCxr.Learning.Training;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Training;

/// <summary>
/// All that a run needs to go on exactly as if it had not been interrupted: weights with batch-norm statistics, optimizer moments and
/// scalars, place in the schedule, loss scale and its counter, sums of the running epoch, history, configuration with its seed, manifest
/// hash, versions and thread count. Shuffling and augmentation are functions of seed, epoch and sample and need no state; the networks have
/// no dropout. The file ends with the SHA-256 of what is before it.
/// </summary>
public static class TrainingCheckpoint
{
    const string StateKey = "run", WeightPrefix = "weight/", MomentPrefix = "moment/", MeanPrefix = "mean/";

    static readonly JsonSerializerOptions Json = new() { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    // Other kernels round otherwise.
    static readonly string Versions = $"checkpoint 2, TorchSharp {typeof(TorchSharp.torch).Assembly.GetName().Version!.ToString(3)}"
        + $"{(ComputeDevice.IsCuda ? ", CUDA" : "")}";

    sealed record Run(
        string Configuration, string ManifestHash, string Versions, int Threads, int Epoch, int StepInEpoch, EpochSums Sums,
        double LossScale, int GoodSteps, int SkippedSteps, Dictionary<string, double> OptimizerScalars, List<EpochMetrics> History);

    public static void Save(string path, TrainingState state, string manifestHash)
    {
        var tensors = state.Weights().Select(w => KeyValuePair.Create(WeightPrefix + w.Key, w.Value))
            .Concat(state.Optimizer.Moments.Select(m => KeyValuePair.Create(MomentPrefix + m.Key, StateDict.ToStored(m.Value))))
            .Concat((state.Average?.Save() ?? new Dictionary<string, StoredTensor>()).Select(
                m => KeyValuePair.Create(MeanPrefix + m.Key, m.Value)));
        var run = new Run(
            state.Options.ToJson(), manifestHash, Versions, get_num_threads(), state.Epoch, state.StepInEpoch, state.Sums,
            state.Scaler.Scale, state.Scaler.GoodSteps, state.Scaler.SkippedSteps, state.Optimizer.Scalars, state.History);
        DurableFile.Write(path, stream =>
        {
            using var hash = SHA256.Create();
            using (var hashed = new CryptoStream(stream, hash, CryptoStreamMode.Write, leaveOpen: true))
            {
                SafetensorsFile.Write(hashed, tensors, new Dictionary<string, string> { [StateKey] = JsonSerializer.Serialize(run, Json) });
            }

            stream.Write(hash.Hash!);
        });
    }

    /// <summary>Puts a state where the checkpoint left it.</summary>
    /// <param name="configured">What the run is configured as, where the state's batches are smaller because memory ran out; a checkpoint
    /// of before that is taken too.</param>
    /// <returns>False where the file is damaged: flipped, cut short or no checkpoint. The state is as before then.</returns>
    /// <exception cref="ModelFileException">The file is sound but belongs to another configuration, data set, version or number of
    /// threads.</exception>
    public static bool TryLoad(string path, TrainingState state, string manifestHash, TrainingConfiguration? configured = null)
    {
        var file = File.ReadAllBytes(path);
        if (file.Length < SHA256.HashSizeInBytes
            || !SHA256.HashData(file.AsSpan(..^SHA256.HashSizeInBytes)).AsSpan().SequenceEqual(file.AsSpan(^SHA256.HashSizeInBytes..)))
        {
            return false;
        }

        var (tensors, metadata) = SafetensorsFile.Parse(file.AsMemory(..^SHA256.HashSizeInBytes));
        var stored = JsonSerializer.Deserialize<Run>(metadata[StateKey], Json)!;
        var run = stored with { Configuration = TrainingConfiguration.Upgraded(stored.Configuration) };
        CheckSameRun(run, state, manifestHash, configured);
        Restore(state, tensors);
        state.Optimizer.Scalars.Clear();
        foreach (var (name, value) in run.OptimizerScalars)
        {
            state.Optimizer.Scalars[name] = value;
        }

        var isOfLargerBatches = run.Configuration != state.Options.ToJson();
        (state.Epoch, state.Sums) = (run.Epoch, run.Sums);
        // The order of an epoch's images knows no batches: so many of them have been seen.
        state.StepInEpoch = isOfLargerBatches ? run.StepInEpoch * configured!.BatchSize / state.Options.BatchSize : run.StepInEpoch;
        (state.Scaler.Scale, state.Scaler.GoodSteps, state.Scaler.SkippedSteps) = (run.LossScale, run.GoodSteps, run.SkippedSteps);
        state.History.Clear();
        state.History.AddRange(run.History);
        state.KeptEpoch = state.Best?.Epoch;
        return true;
    }

    static void CheckSameRun(Run run, TrainingState state, string manifestHash, TrainingConfiguration? configured)
    {
        var difference = (
            run.Configuration != state.Options.ToJson() && run.Configuration != configured?.ToJson(), run.ManifestHash != manifestHash,
            run.Versions != Versions, run.Threads != get_num_threads()) switch
        {
            (true, _, _, _) => "another configuration",
            (_, true, _, _) => "another data set or division",
            (_, _, true, _) => $"another version of the program or on another device ({run.Versions}; this is {Versions})",
            (_, _, _, true) => $"{run.Threads} threads, where this process has {get_num_threads()}",
            _ => null,
        };
        if (difference is not null)
        {
            throw new ModelFileException($"The checkpoint was written with {difference}; a run resumed from it would not be the same run.");
        }
    }

    static void Restore(TrainingState state, IReadOnlyDictionary<string, StoredTensor> tensors)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var weights = tensors.Where(t => t.Key.StartsWith(WeightPrefix, StringComparison.Ordinal))
            .ToDictionary(t => t.Key[WeightPrefix.Length..], t => t.Value);
        StateDict.Load(state.Network, weights);
        state.Average?.Load(
            tensors.Where(t => t.Key.StartsWith(MeanPrefix, StringComparison.Ordinal))
                .ToDictionary(t => t.Key[MeanPrefix.Length..], t => t.Value));
        foreach (var parameter in state.Parameters.Where(p => p.HasCopy))
        {
            parameter.Master.copy_(StateDict.FromStored(weights[parameter.Name]));
        }

        foreach (var (name, stored) in tensors.Where(t => t.Key.StartsWith(MomentPrefix, StringComparison.Ordinal)))
        {
            var key = name[MomentPrefix.Length..];
            var like = state.Parameters.First(p => key.StartsWith(p.Name + "/", StringComparison.Ordinal)).Master;
            // The moment takes its master's layout in memory: kernels over both add in the same order as in the uninterrupted run.
            state.Optimizer.Moments[key] = zeros_like(like).copy_(StateDict.FromStored(stored)).DetachFromDisposeScope();
        }
    }
}

using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CovidCxr.Engine.Training;
using CovidCxr.Engine.Training.Callbacks;
using CovidCxr.Engine.Training.Sessions;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Optimization;
using CovidCxr.Learning.Training;
using CovidCxr.Testing;

namespace CovidCxr.Engine.Tests.Training;

/// <summary>
/// A run of 3 epochs of 4 steps in half precision, killed and resumed. A kill is an exception that nothing handles: what is on the disk at
/// that moment is all that the next process gets. The kill of a real process is tested with the command line.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class ResumeTests : IDisposable
{
    const string Manifest = "manifest";

    static readonly TrainingConfiguration Options = Runs.Options with { Precision = Precision.Float16, AverageDecay = 0.9 };

    readonly FilmFolder _folder = FilmFolder.WithFilms(patientsPerClass: 10);
    readonly DataSet _data;
    readonly string _uninterrupted;

    public ResumeTests()
    {
        _data = Runs.Load(_folder, Options);
        Assert.InRange(_data.Of(DataPart.Train).Count, 14, 16);
        using var state = TinyRuns.Start(Options, _data);
        TinyRuns.Train(state);
        _uninterrupted = Outcome(state);
    }

    public void Dispose() => _folder.Dispose();

    public static TheoryData<int> Steps() => new(Enumerable.Range(1, 12));

    /// <summary>
    /// Epoch, and how much of the next checkpoint's temporary file was on the disk: 0 none, 1 whole but not renamed, 2 renamed.
    /// </summary>
    public static TheoryData<int, double> Writes() => new(
        from epoch in Enumerable.Range(1, 3) from share in new[] { 0, 0.001, 0.5, 0.999, 1, 2 } select (epoch, share));

    [Theory]
    [MemberData(nameof(Steps))]
    public void Resume_KilledAfterAStep_EndsAsTheUninterruptedRun(int step)
    {
        var output = _folder.Output();
        Kill(output, new StepProbe(s => ThrowIf(s.Iteration == step)), before: false);
        Assert.Equal(_uninterrupted, Resume(output));
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public void Resume_KilledAroundACheckpoint_EndsAsTheUninterruptedRun(int epoch, double share)
    {
        var output = _folder.Output();
        Kill(output, new EpochProbe(s =>
        {
            if (s.Epoch == epoch && share < 2)
            {
                var place = Path.Combine(output, $"checkpoint-{s.Iteration:D9}.ckpt.tmp");
                TrainingCheckpoint.Save(place, s, Manifest);
                var bytes = File.ReadAllBytes(place);
                File.WriteAllBytes(place, bytes[..(int)(bytes.Length * share)]);
            }

            ThrowIf(s.Epoch == epoch);
        }), before: share < 2);
        Assert.Equal(_uninterrupted, Resume(output));
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void Resume_AfterCtrlC_GoesOnAmidTheEpoch(int step)
    {
        var output = _folder.Output();
        using var interrupt = new CancellationTokenSource();
        using (var state = TinyRuns.Start(Options, _data))
        {
            new Trainer(state, Runs.Preset, [
                new ScheduleCallback(), new UnfreezingCallback(), new StepProbe(s => CancelIf(interrupt, s.Iteration == step)),
                new CheckpointCallback(output, Manifest)])
                .Run(interrupt.Token);
            Assert.Equal(step, state.Iteration);
        }

        using var resumed = TinyRuns.Start(Options, _data);
        Assert.True(TrainingCheckpoint.TryLoad(CheckpointCallback.Files(output).First(), resumed, Manifest));
        TinyRuns.Train(resumed, new CheckpointCallback(output, Manifest));
        Assert.Equal(_uninterrupted, Outcome(resumed));
    }

    [Theory]
    [InlineData("weight/")]
    [InlineData("weight/conv2.weight")]
    [InlineData("weight/bn1.running_mean")]
    [InlineData("moment/")]
    [InlineData("moment/conv1.weight/square")]
    [InlineData("Epoch")]
    [InlineData("StepInEpoch")]
    [InlineData("Sums")]
    [InlineData("LossScale")]
    [InlineData("GoodSteps")]
    [InlineData("SkippedSteps")]
    [InlineData("OptimizerScalars")]
    [InlineData("History")]
    [InlineData("Configuration")]
    [InlineData("ManifestHash")]
    [InlineData("Versions")]
    [InlineData("Threads")]
    public void Resume_WithoutOneItem_IsRefusedOrEndsElsewhere(string item)
    {
        var output = _folder.Output();
        var path = Path.Combine(output, "checkpoint-000000006.ckpt");
        using (var state = TinyRuns.Start(Options, _data))
        {
            // An early overflow, so that the scale and its counters are not what a fresh run has.
            Assert.Throws<Killed>(() => TinyRuns.Train(state, new StepProbe(
                starting: s => s.Scaler.Scale = s.Iteration == 2 ? 1e30 : s.Iteration == 3 ? 512 : s.Scaler.Scale,
                done: s =>
                {
                    if (s.Iteration == 6)
                    {
                        TrainingCheckpoint.Save(path, s, Manifest);
                        throw new Killed();
                    }
                })));
        }

        var whole = ResumeFile(path);
        Assert.NotNull(whole);
        LeaveOut(path, item);
        Assert.NotEqual(whole, ResumeFile(path));
    }

    [Fact]
    public void TryLoad_FlippedOrTruncated_IsFalseAndChangesNothing()
    {
        var path = Path.Combine(_folder.Output(), "checkpoint-000000001.ckpt");
        using var state = TinyRuns.Start(Options, _data);
        TrainingCheckpoint.Save(path, state, Manifest);
        var bytes = File.ReadAllBytes(path);
        using var fresh = TinyRuns.Start(Options with { Seed = 99 }, _data);
        var before = TinyRuns.Hash(fresh);
        foreach (var place in Enumerable.Range(0, 40).Select(i => i * (bytes.Length - 1) / 39))
        {
            var flipped = bytes.ToArray();
            flipped[place] ^= 1;
            File.WriteAllBytes(path, flipped);
            Assert.False(TrainingCheckpoint.TryLoad(path, fresh, Manifest));
            File.WriteAllBytes(path, bytes[..place]);
            Assert.False(TrainingCheckpoint.TryLoad(path, fresh, Manifest));
        }

        Assert.Equal(before, TinyRuns.Hash(fresh));
    }

    [Fact]
    public void TryLoad_OfAnotherRun_IsRefusedWithTheDifference()
    {
        var path = Path.Combine(_folder.Output(), "checkpoint-000000001.ckpt");
        using var state = TinyRuns.Start(Options, _data);
        TrainingCheckpoint.Save(path, state, Manifest);
        using var other = TinyRuns.Start(Options with { BatchSize = 2 }, _data);
        Assert.Contains(
            "another configuration", Assert.Throws<ModelFileException>(() => TrainingCheckpoint.TryLoad(path, other, Manifest)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "another data set", Assert.Throws<ModelFileException>(() => TrainingCheckpoint.TryLoad(path, state, "x")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void TryLoad_OfBeforeSmallLastBatchesWereLeftOut_IsRefusedAsAnotherVersion()
    {
        var path = Path.Combine(_folder.Output(), "checkpoint-000000001.ckpt");
        using var state = TinyRuns.Start(Options, _data);
        TrainingCheckpoint.Save(path, state, Manifest);
        var (tensors, metadata) = SafetensorsFile.Parse(File.ReadAllBytes(path).AsMemory(..^SHA256.HashSizeInBytes));
        var run = JsonNode.Parse(metadata["run"])!.AsObject();
        run["Versions"] = run["Versions"]!.GetValue<string>().Replace("checkpoint 2", "checkpoint 1", StringComparison.Ordinal);
        run["Sums"]!.AsObject().Remove("PlainLoss");
        Write(path, tensors, run);

        Assert.Contains(
            "another version of the program",
            Assert.Throws<ModelFileException>(() => TrainingCheckpoint.TryLoad(path, state, Manifest)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Checkpoint_OnAFullDisk_SaysSoAndLeavesTheOneBefore()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full is Linux's.");
        var output = _folder.Output();
        // The second epoch's temporary file is a device that is always full.
        File.CreateSymbolicLink(Path.Combine(output, $"checkpoint-{2 * StepsPerEpoch:D9}.ckpt.tmp"), "/dev/full");
        using var state = TinyRuns.Start(Options, _data);
        var refusal = Assert.Throws<IOException>(() => TinyRuns.Train(state, new CheckpointCallback(output, Manifest)));
        Assert.Contains("No space left", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(_uninterrupted, Resume(output));
    }

    [Fact]
    public void Checkpoints_OverARun_AreTheLastThree()
    {
        var output = _folder.Output();
        using var state = TinyRuns.Start(Options with { Epochs = 5 }, _data);
        TinyRuns.Train(state, new CheckpointCallback(output, Manifest));
        Assert.Equal([5, 4, 3], CheckpointCallback.Files(output).Select(f =>
            int.Parse(Path.GetFileName(f)[11..20], System.Globalization.CultureInfo.InvariantCulture) / StepsPerEpoch));
    }

    int StepsPerEpoch => (int)ScheduleTable.StepsPerEpoch(Options, _data);

    void Kill(string output, TrainingCallback killer, bool before)
    {
        using var state = TinyRuns.Start(Options, _data);
        var checkpoints = new CheckpointCallback(output, Manifest);
        Assert.Throws<Killed>(() => TinyRuns.Train(state, before ? [killer, checkpoints] : [checkpoints, killer]));
    }

    string Resume(string output)
    {
        using var state = TinyRuns.Start(Options, _data);
        Assert.All(CheckpointCallback.Files(output).Take(1), f => Assert.True(TrainingCheckpoint.TryLoad(f, state, Manifest)));
        TinyRuns.Train(state, new CheckpointCallback(output, Manifest));
        return Outcome(state);
    }

    string? ResumeFile(string path)
    {
        using var state = TinyRuns.Start(Options, _data);
        try
        {
            Assert.True(TrainingCheckpoint.TryLoad(path, state, Manifest));
        }
        catch (ModelFileException)
        {
            return null;
        }

        TinyRuns.Train(state);
        return Outcome(state);
    }

    static void LeaveOut(string path, string item)
    {
        var (tensors, metadata) = SafetensorsFile.Parse(File.ReadAllBytes(path).AsMemory(..^SHA256.HashSizeInBytes));
        var run = JsonNode.Parse(metadata["run"])!.AsObject();
        var kept = tensors.Where(t => !t.Key.StartsWith(item, StringComparison.Ordinal)).ToList();
        if (run[item] is JsonValue value)
        {
            run[item] = value.GetValueKind() == System.Text.Json.JsonValueKind.String ? "" : item == "LossScale" ? 65536 : 0;
        }
        else if (run[item] is JsonArray)
        {
            run[item] = new JsonArray();
        }
        else if (run[item] is JsonObject sums)
        {
            run[item] = item == "Sums" ? new JsonObject(sums.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)0))) : new JsonObject();
        }

        Assert.True(kept.Count < tensors.Count || run.ToJsonString() != metadata["run"]);
        Write(path, kept, run);
    }

    static void Write(string path, IEnumerable<KeyValuePair<string, StoredTensor>> tensors, JsonObject run)
    {
        using var memory = new MemoryStream();
        SafetensorsFile.Write(memory, tensors, new Dictionary<string, string> { ["run"] = run.ToJsonString() });
        File.WriteAllBytes(path, [.. memory.ToArray(), .. SHA256.HashData(memory.ToArray())]);
    }

    static string Outcome(TrainingState state) =>
        $"{TinyRuns.Hash(state)} {TinyRuns.Hash(state.JudgedWeights())} {state.Scaler.Scale} {state.Scaler.GoodSteps} "
        + $"{state.Scaler.SkippedSteps} "
        + string.Join("; ", state.History.Select(m =>
            $"{m.Epoch} {m.TrainLoss:R} {m.PlainTrainLoss:R} {m.TrainAccuracy:R} {m.ValidationLoss:R} {m.Area:R} {m.HeadRate:R}"));

    static void ThrowIf(bool isTime)
    {
        if (isTime)
        {
            throw new Killed();
        }
    }

    static void CancelIf(CancellationTokenSource source, bool isTime)
    {
        if (isTime)
        {
            source.Cancel();
        }
    }

    sealed class Killed : Exception;

    sealed class EpochProbe(Action<TrainingState> done) : TrainingCallback
    {
        public override void EpochDone(TrainingState state) => done(state);
    }
}

using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Training;
using CovidCxr.Engine.Training.Callbacks;
using CovidCxr.Engine.Training.Sessions;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Optimization;
using CovidCxr.Learning.Training;
using CovidCxr.Testing;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Tests.Training;

public sealed class TrainerTests : IDisposable
{
    readonly FilmFolder _folder = FilmFolder.WithFilms(patientsPerClass: 8);
    readonly DataSet _data;

    public TrainerTests() => _data = Runs.Load(_folder);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    [InlineData(Precision.Float16)]
    public void Run_SameSeedTwice_EndsWithTheSameBits(Precision precision)
    {
        string Train(long seed)
        {
            using var state = TinyRuns.Start(Runs.Options with { Precision = precision, Seed = seed }, _data);
            TinyRuns.Train(state);
            Assert.All(state.History, m => Assert.True(double.IsFinite(m.TrainLoss) && double.IsFinite(m.ValidationLoss)));
            return TinyRuns.Hash(state);
        }

        var first = Train(7);
        Assert.Equal(first, Train(7));
        Assert.NotEqual(first, Train(8));
    }

    [Theory]
    [Trait("Speed", "Slow")]
    [InlineData(OptimizerKind.Adam, Precision.Float32)]
    [InlineData(OptimizerKind.Sgd, Precision.Float32)]
    [InlineData(OptimizerKind.Adam, Precision.Float16)]
    public void Run_OnFilmsThatDiffer_LearnsThem(OptimizerKind optimizer, Precision precision)
    {
        var options = Runs.Options with
        {
            Epochs = 25,
            Optimizer = optimizer,
            Precision = precision,
            Augmentation = AugmentationOptions.None,
            Schedule = new(MinRate: 2e-3, MaxRate: 2e-2)
        };
        using var state = TinyRuns.Start(options, _data);
        TinyRuns.Train(state);
        Assert.True(
            state.History[^1].TrainLoss < 0.5 * state.History[0].TrainLoss,
            $"{state.History[0].TrainLoss} to {state.History[^1].TrainLoss}");
    }

    [Fact]
    public void Run_FrozenStages_KeepTheirWeightsAndStatistics()
    {
        using var state = TinyRuns.Start(Runs.Options with { FrozenStages = 2 }, _data);
        var before = state.Weights();
        TinyRuns.Train(state);
        var after = state.Weights();

        Assert.All(before, w => Assert.Equal(
            w.Key.StartsWith("conv1.", StringComparison.Ordinal) || w.Key.StartsWith("bn1.", StringComparison.Ordinal)
                || w.Key.StartsWith("conv2.", StringComparison.Ordinal) || w.Key.StartsWith("bn2.", StringComparison.Ordinal),
            w.Value.Data.Span.SequenceEqual(after[w.Key].Data.Span)));
    }

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public void Run_Average_IsTheRunningMeanOfTheWeightsAfterEachStep(Precision precision)
    {
        const double Decay = 0.8;
        var options = Runs.Options with { AverageDecay = Decay, Epochs = 1, Precision = precision };
        using var state = TinyRuns.Start(options, _data);
        var expected = state.Weights()["fc.weight"].ToFloats();
        var step = 0;
        TinyRuns.Train(state, new StepProbe(s =>
        {
            var decay = Math.Min(Decay, (step + 1.0) / (step + 10));
            step++;
            expected = [.. expected.Zip(s.Weights()["fc.weight"].ToFloats(), (mean, now) => (float)((decay * mean) + ((1 - decay) * now)))];
        }));

        var judged = state.JudgedWeights()["fc.weight"].ToFloats();
        Assert.All(expected.Zip(judged), p => Assert.Equal(p.First, p.Second, 1e-5f));
        Assert.NotEqual(judged, state.Weights()["fc.weight"].ToFloats());
    }

    [Fact]
    public void Run_Average_TrainsAsWithoutIt()
    {
        string Train(double decay)
        {
            using var state = TinyRuns.Start(Runs.Options with { AverageDecay = decay }, _data);
            TinyRuns.Train(state);
            return TinyRuns.Hash(state);
        }

        Assert.Equal(Train(0), Train(0.9));
    }

    [Theory]
    [InlineData(Balance.None)]
    [InlineData(Balance.Weighted)]
    public void Run_BatchesInParts_StepAsWholeOnes(Balance balance)
    {
        // The head alone: what is below it then takes no statistics of a batch, which differ between a part and the whole.
        float[] Train(int? atOnce)
        {
            using var state = TinyRuns.Start(
                Runs.Options with
                {
                    Mode = UnfreezingMode.HeadOnly,
                    BatchSize = 7,
                    ImagesAtOnce = atOnce,
                    Balance = balance,
                    LabelSmoothing = 0.1,
                    Optimizer = OptimizerKind.Sgd,
                },
                _data);
            TinyRuns.Train(state);
            return [.. state.Weights()["fc.weight"].ToFloats(), .. state.History.Select(m => (float)m.TrainLoss)];
        }

        var whole = Train(null);
        Assert.All(whole.Zip(Train(4)), p => Assert.Equal(p.First, p.Second, 1e-5f));
        using var fresh = TinyRuns.Start(Runs.Options, _data);
        Assert.NotEqual(whole[0], fresh.Weights()["fc.weight"].ToFloats()[0], 1e-4f);
    }

    [Theory]
    [InlineData(Balance.None, 0, null)]
    [InlineData(Balance.None, 0.3, null)]
    [InlineData(Balance.Weighted, 0.3, null)]
    [InlineData(Balance.Weighted, 0.3, 4)]
    public void Run_AnyLoss_MeasuresTheTrainingImagesAsTheValidation(Balance balance, double smoothing, int? atOnce)
    {
        for (var i = 0; i < 8; i++)
        {
            _folder.Write($"films/Other/p{50 + i}_0.png", PngEncoder.Encode(FilmFolder.Film(isSick: false, 9000 + i, 64)));
        }

        var data = Runs.Load(_folder);
        // A head at rest on fixed features: the step sees the network that there is at the end.
        var options = Runs.Options with
        {
            Mode = UnfreezingMode.HeadOnly,
            Schedule = new(ScheduleShape.Constant, MinRate: 1e-12, MaxRate: 1e-12),
            Augmentation = AugmentationOptions.None,
            BatchSize = data.Of(DataPart.Train).Count,
            ImagesAtOnce = atOnce,
            Balance = balance,
            LabelSmoothing = smoothing,
            Epochs = 1,
        };
        using var state = TinyRuns.Start(options, data);
        TinyRuns.Train(state);
        var expected = Predictor.Run(
            state.Network, state.Data.Of(DataPart.Train), Runs.Preset, Precision.Float32, 8, TestContext.Current.CancellationToken)
            .Average(p => p.Loss);

        var epoch = Assert.Single(state.History);
        Assert.Equal(expected, epoch.PlainTrainLoss!.Value, 1e-4);
        Assert.Equal(smoothing == 0, Math.Abs(epoch.TrainLoss - expected) < 1e-4);
    }

    [Theory]
    [InlineData(5, 2)]
    [InlineData(6, 2)]
    [InlineData(8, 2)]
    [InlineData(9, 1)]
    [InlineData(16, 1)]
    public void Run_LastBatchOfLessThanHalf_IsNoStep(int batchSize, int steps)
    {
        Assert.Equal(12, _data.Of(DataPart.Train).Count);
        using var state = TinyRuns.Start(Runs.Options with { BatchSize = batchSize, Epochs = 2 }, _data);
        var seen = new List<long>();
        TinyRuns.Train(state, new StepProbe(s => seen.Add(s.Sums.Images)));

        Assert.Equal(2 * steps, seen.Count);
        Assert.Equal(Math.Min(12, steps * batchSize), seen[steps - 1]);
        Assert.Equal(steps, ScheduleTable.StepsPerEpoch(state.Options, _data));
    }

    [Theory]
    [InlineData(64, 16, new[] { 16, 16, 16, 16 })]
    [InlineData(5, 4, new[] { 2, 3 })]
    [InlineData(9, 4, new[] { 3, 3, 3 })]
    [InlineData(3, 4, new[] { 3 })]
    [InlineData(3, null, new[] { 3 })]
    public void Parts_OfABatch_AreAlike_AndNoneIsAboveTheLimitOrAlone(int count, int? most, int[] expected)
    {
        using var batch = new Batch(zeros(count, 1, 1), new long[count]);
        Assert.Equal(expected, batch.Parts(most).Select(p => p.GetOffsetAndLength(count).Length));
        Assert.Equal(Enumerable.Range(0, count), batch.Parts(most).SelectMany(p => Enumerable.Range(0, count).ToArray()[p]));
    }

    [Fact]
    public void Run_LongestGradient_IsKeptTo()
    {
        // With plain velocity and no momentum a step is rate times gradient: no step is longer than rate times the limit.
        var options = Runs.Options with
        {
            Optimizer = OptimizerKind.Sgd,
            MaxGradientNorm = 0.01,
            WeightDecay = 0,
            Epochs = 1,
            Schedule = new(ScheduleShape.Constant, MinRate: 0.5, MaxRate: 0.5, MinMomentum: 0, MaxMomentum: 0),
        };
        using var state = TinyRuns.Start(options, _data);
        var names = state.Parameters.Select(p => p.Name).ToList();
        float[] Values() => [.. names.SelectMany(n => state.Weights()[n].ToFloats())];
        var before = Values();
        var lengths = new List<double>();
        TinyRuns.Train(state, new StepProbe(_ =>
        {
            var after = Values();
            lengths.Add(Math.Sqrt(before.Zip(after, (b, a) => (double)(a - b) * (a - b)).Sum()));
            before = after;
        }));

        Assert.All(lengths, l => Assert.InRange(l, 0.5 * 0.01 * 0.98, 0.5 * 0.01 * 1.02));
    }

    [Fact]
    public void Best_LargestArea_IsNotTheLowestLoss()
    {
        using var state = TinyRuns.Start(Runs.Options with { BestEpoch = BestEpoch.LargestArea }, _data);
        state.History.AddRange([Epoch(1, loss: 0.3, area: 0.8), Epoch(2, loss: 0.5, area: 0.9), Epoch(3, loss: 0.4, area: null)]);

        Assert.Equal(2, state.Best!.Epoch);

        static EpochMetrics Epoch(int number, double loss, double? area) =>
            new(number, 0, 0, loss, 0, null, null, area, 0, 1, 0, 0, 0, 0);
    }

    [Fact]
    public void Run_HeadOnly_ChangesNothingBelowTheHeadNotEvenStatistics()
    {
        using var state = TinyRuns.Start(Runs.Options with { Mode = UnfreezingMode.HeadOnly }, _data);
        var before = state.Weights();
        TinyRuns.Train(state);
        var after = state.Weights();
        Assert.All(before, w =>
            Assert.Equal(w.Key.StartsWith("fc.", StringComparison.Ordinal), !w.Value.Data.Span.SequenceEqual(after[w.Key].Data.Span)));
    }

    [Fact]
    public void Run_Gradual_UnfreezesAStageEveryFewEpochs()
    {
        using var state = TinyRuns.Start(Runs.Options with { Mode = UnfreezingMode.Gradual, EpochsPerStage = 1, Epochs = 5 }, _data);
        var first = new List<int>();
        var training = new List<bool>();
        TinyRuns.Train(state, new StepProbe(s =>
        {
            if (s.StepInEpoch == 1)
            {
                first.Add(s.FirstTrainedLayer);
                training.Add(s.Network.Layers[0].Modules.OfType<Norm2d>().Single().training);
            }
        }));
        Assert.Equal([3, 2, 1, 0, 0], first);
        Assert.Equal([false, false, false, true, true], training);
    }

    [Fact]
    public void Run_HalfPrecision_KeepsNormsAndMastersInFloat32AndCopiesMasters()
    {
        using var state = TinyRuns.Start(Runs.Options with { Precision = Precision.BFloat16 }, _data);
        TinyRuns.Train(state);
        Assert.Equal(3, state.Parameters.Count(p => p.HasCopy));
        foreach (var parameter in state.Parameters)
        {
            Assert.Equal(ScalarType.Float32, parameter.Master.dtype);
            Assert.Equal(parameter.HasCopy ? ScalarType.BFloat16 : ScalarType.Float32, parameter.Working.dtype);
            Assert.True(parameter.Working.allclose(parameter.Master.to_type(parameter.Working.dtype), rtol: 0, atol: 0));
        }
    }

    [Fact]
    public void Step_WhoseGradientOverflows_IsSkippedAndTheScaleHalves()
    {
        using var state = TinyRuns.Start(Runs.Options with { Precision = Precision.Float16, Epochs = 1 }, _data);
        const double Huge = 1e30;
        List<float[]> before = [];
        TinyRuns.Train(
            state,
            new StepProbe(starting: s =>
            {
                if (s.StepInEpoch == 1)
                {
                    s.Scaler.Scale = Huge;
                    before = [.. s.Parameters.Select(p => p.Master.data<float>().ToArray())];
                }
            },
            done: s =>
            {
                if (s.StepInEpoch == 2)
                {
                    Assert.Equal((Huge / 2, 1, 0), (s.Scaler.Scale, s.Scaler.SkippedSteps, s.Scaler.GoodSteps));
                    Assert.All(s.Parameters.Zip(before), p => Assert.Equal(p.Second, p.First.Master.data<float>().ToArray()));
                    s.Scaler.Scale = 1024;
                }
            }));
        Assert.Equal(1, state.History.Single().SkippedSteps);
    }

    [Fact]
    public void Run_RateThatDestroysTheNetwork_StopsAndLeavesTheLastGoodCheckpoint()
    {
        var output = _folder.Output();
        var options = Runs.Options with { Optimizer = OptimizerKind.Sgd, Epochs = 4 };
        using var state = TinyRuns.Start(options, _data);
        TinyRuns.Train(
            state,
            new StepProbe(starting: s => Array.Fill(s.Layers, s.Epoch == 1 ? (float.MaxValue, 0.9) : (1e-3, 0.9))),
            new NanGuardCallback(), new CheckpointCallback(output, "manifest"));
        Assert.Contains("schedule.maxRate", state.StopReason, StringComparison.Ordinal);

        using var saved = TinyRuns.Start(options, _data);
        Assert.True(TrainingCheckpoint.TryLoad(Assert.Single(CheckpointCallback.Files(output)), saved, "manifest"));
        Assert.Equal(1, saved.Epoch);
        Assert.All(saved.Weights().Values.Where(w => w.Type == "F32"), w => Assert.All(w.ToFloats(), v => Assert.True(float.IsFinite(v))));
    }

    [Fact]
    public void Run_LastStepThatDestroysTheNetwork_StopsAtTheValidationAndLeavesTheLastGoodCheckpoint()
    {
        var output = _folder.Output();
        using var state = TinyRuns.Start(Runs.Options with { Epochs = 4 }, _data);
        TinyRuns.Train(
            state,
            new StepProbe(s =>
            {
                if (s.Epoch == 1 && s.StepInEpoch == s.StepsPerEpoch)
                {
                    using var frozen = no_grad();
                    s.Network.Head.bias!.fill_(double.NaN);
                }
            }),
            new NanGuardCallback(), new CheckpointCallback(output, "manifest"));
        Assert.Contains("validation loss became NaN in epoch 2", state.StopReason, StringComparison.Ordinal);
        Assert.Single(state.History);
        Assert.Single(CheckpointCallback.Files(output));
    }

    [Fact]
    public void Run_NoBetterEpochForThePatience_Stops()
    {
        using var state = TinyRuns.Start(
            Runs.Options with { Patience = 2, Epochs = 50, Schedule = new(ScheduleShape.Constant, MinRate: 1e-12, MaxRate: 1e-12) }, _data);
        TinyRuns.Train(state, new EarlyStopCallback());
        var best = state.History.MinBy(m => m.ValidationLoss)!;
        Assert.Equal(best.Epoch + 2, state.History[^1].Epoch);
        Assert.Contains($"best was epoch {best.Epoch}", state.StopReason, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_WeightedLoss_WeighsTheSeldomClassMore()
    {
        // One step from the same weights: the seldom class's bias moves further with the weights than without.
        double Bias(Balance balance)
        {
            var lopsided = _data with
            {
                Samples = [.. _data.Samples.Where(s => s.Part != DataPart.Train || s.Class == 1 || s.Group % 3 == 0)]
            };
            var few = lopsided.Of(DataPart.Train).Count(s => s.Class == 0);
            Assert.InRange(few, 1, 3);
            var options = Runs.Options with
            {
                Balance = balance,
                Epochs = 1,
                BatchSize = 16,
                Optimizer = OptimizerKind.Sgd,
                Augmentation = AugmentationOptions.None,
                WeightDecay = 0,
                Schedule = new(ScheduleShape.Constant)
            };
            using var state = TinyRuns.Start(options, lopsided);
            var start = state.Network.Head.bias!.data<float>()[0];
            TinyRuns.Train(state);
            return state.Network.Head.bias!.data<float>()[0] - start;
        }

        Assert.True(Bias(Balance.Weighted) > Bias(Balance.None) + 1e-4);
    }
}

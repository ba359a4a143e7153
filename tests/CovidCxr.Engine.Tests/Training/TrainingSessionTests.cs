using CovidCxr.Engine.Checkpoints;
using CovidCxr.Engine.Training;
using CovidCxr.Engine.Training.Callbacks;
using CovidCxr.Engine.Training.Sessions;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Training;
using CovidCxr.Testing;

namespace CovidCxr.Engine.Tests.Training;

[Trait("Speed", "Slow")]
public sealed class TrainingSessionTests : IDisposable
{
    static readonly TrainingConfiguration Options =
        Runs.Options with { Epochs = 2, BatchSize = 8, Data = Runs.Options.Data with { Split = new(0.6, 0.2, 0.2) } };

    readonly FilmFolder _folder = FilmFolder.WithFilms(patientsPerClass: 8, size: 64);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_ToTheEnd_WritesAModelThatSaysWhatItIs()
    {
        var result = Run(_folder.Output(), isTiny: false);
        Assert.NotNull(result.ModelPath);
        var model = ModelFile.Read(result.ModelPath);
        using var network = model.ToNetwork();
        Assert.Equal(["COVID-19", "Other"], model.Header.Classes);
        Assert.InRange(model.Header.Threshold, 0, 1);
        Assert.Equal(16, model.Header.Training!.Counts.Sum(c => c.Images));
        // Whoever evaluates it writes the figures.
        Assert.Empty(model.Header.Metrics);
        var trained = model.Header.TrainedImages!;
        Assert.Equal((Images("training"), "films"), (trained.Images.Count, trained.Sources.Single()));
        var distributions = model.Header.Distributions!;
        Assert.Equal(Images("validation"), distributions.Scores.Cases);
        Assert.Equal(Images("training"), distributions.Means.Cases);
        // Films of 64 pixels stand in the second of the bins of 64.
        Assert.Equal((Images("training"), Images("training")), (distributions.Widths.Counts[1], distributions.Heights.Counts[1]));

        int Images(string part) => model.Header.Training.Counts.Where(c => c.Part == part).Sum(c => c.Images);
    }

    [Fact]
    public void Run_InterruptedAndResumedFromTheCheckpointBeforeADamagedOne_WritesTheSameWeights()
    {
        var whole = Run(_folder.Output("whole"));
        var output = _folder.Output();
        using (var interrupt = new CancellationTokenSource())
        {
            var first = Run(output, cancellation: interrupt.Token, step: s => Cancel(interrupt, s.Epoch == 1));
            Assert.Null(first.ModelPath);
        }

        var newest = CheckpointCallback.Files(output).First();
        var bytes = File.ReadAllBytes(newest);
        bytes[bytes.Length / 2] ^= 4;
        File.WriteAllBytes(newest, bytes);
        var notes = new List<string>();
        var resumed = Run(output, resumes: true, note: notes.Add);
        Assert.Contains(notes, n => n.Contains("is damaged", StringComparison.Ordinal));
        Assert.Contains(notes, n => n.Contains("Going on from epoch 2, step 1", StringComparison.Ordinal));
        Assert.All(
            ModelFile.Read(whole.ModelPath!).Tensors.Zip(ModelFile.Read(resumed.ModelPath!).Tensors),
            p => Assert.True(p.First.Value.Data.Span.SequenceEqual(p.Second.Value.Data.Span), p.First.Key));
    }

    [Fact]
    public void Run_WithATemperature_DividesTheLastLayerAlone_AndTheThresholdIsThatOfTheFile()
    {
        // Steps enough for scores that a temperature can be fitted to.
        var options = Options with { BatchSize = 4 };
        var plain = ModelFile.Read(Run(_folder.Output(), options: options).ModelPath!);
        var cooled = ModelFile.Read(
            Run(_folder.Output("cooled"), options: options with { ScalesTemperature = true, TargetSensitivity = 0.9 }).ModelPath!);

        var temperature = (float)cooled.Header.Temperature!.Value;
        Assert.NotEqual(1, temperature, 1e-3);
        Assert.All(plain.Tensors, t =>
        {
            var factor = t.Key.StartsWith("fc.", StringComparison.Ordinal) ? temperature : 1;
            Assert.All(
                t.Value.Type == "I64" ? [] : t.Value.ToFloats().Zip(cooled.Tensors[t.Key].ToFloats()),
                p => Assert.Equal(p.First, p.Second * factor, 2e-3f * Math.Max(1, Math.Abs(p.First))));
        });
        var interval = cooled.Header.ThresholdInterval!;
        Assert.Equal(cooled.Header.Threshold, interval.Value, 1e-9);
        Assert.True(interval.Lower is null || interval.Lower <= interval.Value);
        Assert.Null(plain.Header.ThresholdInterval);
        Assert.Null(plain.Header.Temperature);
    }

    [Fact]
    public void Run_FromAModelOfOtherClasses_StartsTheHeadAnewAndSaysSo()
    {
        var start = Run(_folder.Output()).ModelPath!;
        var notes = new List<string>();
        Run(_folder.Output("second"), note: notes.Add, options: Options with
        {
            InitialModel = start,
            Epochs = 1,
            Classes = ["Sick", "Healthy"],
            PositiveClass = "Sick",
            Data = Options.Data with
            {
                Sources = [Runs.Films with
                {
                    ClassFolders = new Dictionary<string, string> { ["COVID-19"] = "Sick", ["Other"] = "Healthy" }
                }]
            },
        });
        Assert.Contains(notes, n => n.Contains("knows other classes", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_FromAnotherModel_CarriesTheImagesThatThatOneHasSeen()
    {
        var first = Run(_folder.Output()).ModelPath!;
        var second = Run(_folder.Output("second"), options: Options with { InitialModel = first, Epochs = 1, Seed = 11 }).ModelPath!;
        var (seen, own) = (ModelFile.Read(second).Header.TrainedImages!, ModelFile.Read(first).Header.TrainedImages!);
        Assert.Subset(seen.Images.ToHashSet(), own.Images.ToHashSet());
        Assert.True(seen.Images.Count > own.Images.Count);
    }

    [Fact]
    public void Run_FromAModelThatHasSeenValidationImages_LeavesThemOutAndSaysSo()
    {
        using var folder = FilmFolder.WithFilms(patientsPerClass: 60);
        var options = Options with { Epochs = 1, Data = Options.Data with { Split = new(0.5, 0.5) } };
        SessionResult Start(string name, TrainingConfiguration started, Action<string> note) =>
            new TrainingSession(started, new(folder.Root, folder.Output(name), Resumes: false), TimeProvider.System)
            {
                Create = () => TinyRuns.Network(started.Seed),
            }
                .Run(note, _ => { }, _ => { }, TestContext.Current.CancellationToken);
        var first = Start("first", options, _ => { }).ModelPath!;
        var notes = new List<string>();
        var second = Start("second", options with { InitialModel = first, Seed = 11 }, notes.Add).Header!;

        var remark = Assert.Single(second.Training!.Remarks!);
        Assert.Contains(remark, notes);
        Assert.EndsWith("did not choose epoch, threshold and temperature.", remark, StringComparison.Ordinal);
        var seen = int.Parse(remark.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        var all = second.Training.Counts.Where(c => c.Part == "validation").Sum(c => c.Images);
        Assert.InRange(seen, 1, all - 1);
        Assert.Equal(all - seen, second.Distributions!.Scores.Cases);
    }

    [Fact]
    public void Run_FromAModelThatHasSeenTooMany_KeepsThemAndWarns()
    {
        var first = Run(_folder.Output()).ModelPath!;
        var second = Run(_folder.Output("second"), options: Options with { InitialModel = first, Epochs = 1, Seed = 11 }).Header!;

        Assert.StartsWith("WARNING: ", Assert.Single(second.Training!.Remarks!), StringComparison.Ordinal);
        Assert.Equal(
            second.Training.Counts.Where(c => c.Part == "validation").Sum(c => c.Images), second.Distributions!.Scores.Cases);
    }

    [Fact]
    public void Run_ResumedWithOtherClasses_IsRefusedAndLosesNothing()
    {
        var output = _folder.Output();
        Run(output);
        var before = CheckpointCallback.Files(output).ToList();
        var other = Options with
        {
            Classes = ["Sick", "Healthy"],
            PositiveClass = "Sick",
            Data = Options.Data with
            {
                Sources = [Runs.Films with
                {
                    ClassFolders = new Dictionary<string, string> { ["COVID-19"] = "Sick", ["Other"] = "Healthy" }
                }]
            },
        };
        var refusal = Assert.Throws<ModelFileException>(() => Run(output, resumes: true, options: other));
        Assert.Contains("another configuration", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, CheckpointCallback.Files(output));
    }

    [Fact]
    public void Run_FromAModelOfAnotherArchitecture_IsRefused()
    {
        var start = Run(_folder.Output(), options: Options with { Epochs = 1 }).ModelPath!;
        var refusal = Assert.Throws<ModelFileException>(() =>
            Run(_folder.Output("second"), options: Options with { InitialModel = start, Architecture = "densenet121" }, isTiny: false));
        Assert.Contains("not those of densenet121", refusal.Message, StringComparison.Ordinal);
    }

    SessionResult Run(
        string output, bool resumes = false, Action<string>? note = null, Action<TrainingState>? step = null,
        TrainingConfiguration? options = null, CancellationToken? cancellation = null, bool isTiny = true)
    {
        options ??= Options;
        var run = new TrainingSession(options, new(_folder.Root, output, resumes), TimeProvider.System);
        run = isTiny
            ? new(options, new(_folder.Root, output, resumes), TimeProvider.System) { Create = () => TinyRuns.Network(options.Seed) }
            : run;
        return run.Run(note ?? (_ => { }), step ?? (_ => { }), _ => { }, cancellation ?? TestContext.Current.CancellationToken);
    }

    static void Cancel(CancellationTokenSource source, bool isTime)
    {
        if (isTime)
        {
            source.Cancel();
        }
    }
}

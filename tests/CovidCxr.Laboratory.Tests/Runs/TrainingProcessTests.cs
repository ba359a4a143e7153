using CovidCxr.Domain.Runs;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Laboratory.Runs;
using CovidCxr.Learning.Optimization;
using CovidCxr.Learning.Training;
using CovidCxr.Testing;
using Microsoft.Extensions.Options;

namespace CovidCxr.Laboratory.Tests.Runs;

/// <summary>The process that trains, called in this one: its leash, its progress, its result.</summary>
[Trait("Speed", "Slow")]
public sealed class TrainingProcessTests : IDisposable
{
    readonly TestFolder _folder = new();
    readonly RunFolder _run;
    readonly RetrainingRoot _root;

    public TrainingProcessTests()
    {
        _root = new(_folder.Data, Options.Create(new TrainingMachineOptions()));
        _run = new(Path.Combine(_folder.Data.Runs, "1"));
        FilmFolders.WriteClasses(_root.Path, "films", ("COVID-19", 8), ("Normal", 8));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_ToItsEnd_WritesProgressAndAModel()
    {
        _run.Prepare(Configuration(epochs: 2), new(_root.Path));

        await TrainingProcess.RunAsync(_run.Path, new SilentParent(), TimeProvider.System);

        var result = _run.ReadResult()!;
        var (lines, _) = _run.ReadProgress(0);
        Assert.Equal(RunFolder.Ending.Finished, result.Ending);
        Assert.True(File.Exists(result.ModelPath));
        Assert.Equal([1, 2], lines.Where(l => l.Epoch is not null).Select(l => l.Epoch!.Number));
        Assert.Contains(lines, l => l.Step is { Stages.Count: 6 });
        Assert.Contains(lines, l => l.Note is not null);
    }

    [Fact]
    public async Task Run_WhoseLeashEnds_SavesAndGoesOnFromThere()
    {
        _run.Prepare(Configuration(epochs: 3), new(_root.Path));

        await TrainingProcess.RunAsync(_run.Path, new AfterFirstStep(_run, ""), TimeProvider.System);
        var interrupted = _run.ReadResult()!;
        var saved = _run.HasCheckpoint;
        _run.Prepare(Configuration(epochs: 3), new(_root.Path));
        await TrainingProcess.RunAsync(_run.Path, new SilentParent(), TimeProvider.System);

        Assert.Equal(RunFolder.Ending.Interrupted, interrupted.Ending);
        Assert.True(saved);
        Assert.Equal(RunFolder.Ending.Finished, _run.ReadResult()!.Ending);
        Assert.Contains(_run.ReadProgress(0).Lines, l => l.Note?.StartsWith("Going on from epoch", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Run_PausedWhileItsReportIsWritten_OnlyMeasuresWhenItGoesOn()
    {
        _run.Prepare(Configuration(epochs: 200), new(_root.Path));
        await TrainingProcess.RunAsync(
            _run.Path, new AfterFirstEpoch(_run, TrainingProcess.StopWord, TrainingProcess.PauseWord), TimeProvider.System);
        var (paused, hasReport, trained) =
            (_run.ReadResult()!, File.Exists(_run.Evaluation), _run.ReadProgress(0).Lines.Count(l => l.Epoch is not null));

        _run.Prepare(Configuration(epochs: 200), new(_root.Path));
        await TrainingProcess.RunAsync(_run.Path, new SilentParent(), TimeProvider.System);

        Assert.Equal((RunFolder.Ending.Interrupted, null, false), (paused.Ending, paused.ModelPath, hasReport));
        Assert.Equal((RunFolder.Ending.Finished, TrainingProcess.StopReason), (_run.ReadResult()!.Ending, _run.ReadResult()!.Message));
        Assert.Equal(trained, _run.ReadProgress(0).Lines.Count(l => l.Epoch is not null));
        Assert.True(File.Exists(_run.ReadResult()!.ModelPath));
        Assert.True(File.Exists(_run.Evaluation));
        Assert.True(File.Exists(_run.Report));
    }

    [Fact]
    public async Task Run_ToldToStop_KeepsTheBestEpoch()
    {
        _run.Prepare(Configuration(epochs: 200), new(_root.Path));

        await TrainingProcess.RunAsync(_run.Path, new AfterFirstEpoch(_run, TrainingProcess.StopWord), TimeProvider.System);

        var result = _run.ReadResult()!;
        Assert.Equal((RunFolder.Ending.Finished, TrainingProcess.StopReason), (result.Ending, result.Message));
        Assert.True(File.Exists(result.ModelPath));
    }

    [Fact]
    public async Task Run_WhoseDiskIsFull_EndsWithTheReasonAndItsBestEpoch()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full is Linux's.");
        _run.Prepare(Configuration(epochs: 3), new(_root.Path));
        // Eight images to train on, four a step: the second epoch's checkpoint finds no room.
        File.CreateSymbolicLink(Path.Combine(_run.Path, "checkpoint-000000004.ckpt.tmp"), "/dev/full");

        await TrainingProcess.RunAsync(_run.Path, new SilentParent(), TimeProvider.System);

        var result = _run.ReadResult()!;
        Assert.Equal(RunFolder.Ending.Finished, result.Ending);
        Assert.Contains("No space left", result.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(result.ModelPath));
        Assert.True(File.Exists(_run.Report));
    }

    [Fact]
    public async Task Run_ToldToTrainNoFurther_MeasuresTheBestEpochThatThereIs()
    {
        _run.Prepare(Configuration(epochs: 200), new(_root.Path));
        await TrainingProcess.RunAsync(_run.Path, new AfterFirstEpoch(_run, ""), TimeProvider.System);
        var trained = _run.ReadProgress(0).Lines.Count(l => l.Epoch is not null);

        _run.Prepare(Configuration(epochs: 200), new(_root.Path, StopReason: "Enough."));
        await TrainingProcess.RunAsync(_run.Path, new SilentParent(), TimeProvider.System);

        var result = _run.ReadResult()!;
        Assert.Equal((RunFolder.Ending.Finished, "Enough."), (result.Ending, result.Message));
        Assert.Equal(trained, _run.ReadProgress(0).Lines.Count(l => l.Epoch is not null));
        Assert.True(File.Exists(result.ModelPath));
    }

    [Fact]
    public async Task Run_OfARangeTest_WritesItsCurveAndWhatItSuggests()
    {
        _run.Prepare(Configuration(epochs: 1), new(_root.Path, RunKind.RangeTest));

        await TrainingProcess.RunAsync(_run.Path, new SilentParent(), TimeProvider.System);

        var rates = _run.ReadProgress(0).Lines.Where(l => l.Rate is not null).Select(l => l.Rate!.Rate).ToList();
        Assert.Equal((RunFolder.Ending.Finished, null), (_run.ReadResult()!.Ending, _run.ReadResult()!.ModelPath));
        Assert.Equal(rates.Order(), rates);
        Assert.InRange(rates.Count, 20, RangeTestCurve.DefaultSteps);
        Assert.Equal(1e-7, rates[0], 1e-12);
        Assert.Equal(RangeTestCurve.RateAt(1, RangeTestCurve.DefaultSteps), rates[1], 1e-12);
    }

    [Fact]
    public async Task Run_OfARangeTestFromAnotherModel_MeasuresThatModelAndRefusesAFileThatIsNone()
    {
        var model = Path.Combine(_folder.Data.Root, "initial.safetensors");
        async Task<IReadOnlyList<double>> LossesAsync(string name)
        {
            var measured = new RunFolder(Path.Combine(_folder.Data.Runs, name));
            measured.Prepare(Configuration(epochs: 1, model), new(_root.Path, RunKind.RangeTest));
            await TrainingProcess.RunAsync(measured.Path, new SilentParent(), TimeProvider.System);
            return measured.ReadResult()!.Ending == RunFolder.Ending.Finished
                ? [.. measured.ReadProgress(0).Lines.Where(l => l.Rate is not null).Select(l => l.Rate!.Loss)]
                : throw new InvalidOperationException(measured.ReadResult()!.Message);
        }

        TestModels.Write(model, seed: 1);
        var first = await LossesAsync("first");
        TestModels.Write(model, seed: 2);
        var second = await LossesAsync("second");
        await File.WriteAllTextAsync(model, "no model", TestContext.Current.CancellationToken);

        Assert.NotEqual(first[0], second[0]);
        await Assert.ThrowsAsync<InvalidOperationException>(() => LossesAsync("third"));
    }

    [Fact]
    public async Task Run_OnAFolderThatHasGone_SaysSo()
    {
        _run.Prepare(Configuration(epochs: 1), new(_root.Path));
        Directory.Delete(Path.Combine(_root.Path, "films"), recursive: true);

        await TrainingProcess.RunAsync(_run.Path, new SilentParent(), TimeProvider.System);

        Assert.Equal(
            (RunFolder.Ending.Refused, "The data folder has no folder 'films'."), (_run.ReadResult()!.Ending, _run.ReadResult()!.Message));
    }

    static string Configuration(int epochs, string? initial = null) => new TrainingConfiguration
    {
        InitialModel = initial,
        Name = "trial",
        Architecture = "resnet18",
        Classes = ["COVID-19", "Other"],
        PositiveClass = "COVID-19",
        ImageSize = 32,
        BatchSize = 4,
        Epochs = epochs,
        Data = new(
            "films", [new("films", new Dictionary<string, string> { ["COVID-19"] = "COVID-19", ["Normal"] = "Other" })], new(0.5, 0.5)),
    }.ToJson();

    /// <summary>
    /// A parent that says a word, or dies with an empty one, once a line of progress is there, and the next once the report is begun; then
    /// it lives on.
    /// </summary>
    class OnceThereIs(RunFolder run, Func<RunLine, bool> line, params string[] words) : SilentParent
    {
        int _spoken;

        public override async Task<string?> ReadLineAsync()
        {
            if (_spoken == words.Length)
            {
                return await base.ReadLineAsync();
            }

            while (!run.ReadProgress(0).Lines.Any(_spoken == 0 ? line : l => l.Note == "Writing the evaluation report."))
            {
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            var word = words[_spoken++];
            return word.Length > 0 ? word : null;
        }
    }

    sealed class AfterFirstStep(RunFolder run, params string[] words) : OnceThereIs(run, l => l.Step is not null, words);

    sealed class AfterFirstEpoch(RunFolder run, params string[] words) : OnceThereIs(run, l => l.Epoch is not null, words);
}

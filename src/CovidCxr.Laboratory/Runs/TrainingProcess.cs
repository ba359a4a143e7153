using System.Diagnostics;
using CovidCxr.Domain.Runs;
using CovidCxr.Engine.Backbones;
using CovidCxr.Laboratory.Evaluation;
using CovidCxr.Laboratory.Training;
using CovidCxr.Learning.Files;
using CovidCxr.Learning.Optimization;
using CovidCxr.Learning.Training;

namespace CovidCxr.Laboratory.Runs;

/// <summary>
/// The process that trains for the web application: the same program, started with a run's folder. Its standard input is its leash: a line
/// says what is asked for, and its end (the parent is gone) means to save and stop. The process's crash takes nothing else with it.
/// </summary>
public static class TrainingProcess
{
    /// <summary>The first argument that makes the program this process; the second is the folder.</summary>
    public const string Argument = "train-run";

    public const string PauseWord = "pause", StopWord = "stop", StopReason = "Stopped by an administrator; the best epoch is kept.";

    static readonly TimeSpan StepInterval = TimeSpan.FromMilliseconds(250), LongestInterval = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(string path, TextReader requests, TimeProvider time)
    {
        LowerPriority();
        var folder = new RunFolder(path);
        using var alone = await folder.TakeAsync(time);
        using var interrupt = new CancellationTokenSource();
        var order = folder.ReadOrder();
        var stopReason = order.StopReason;
        var leash = Task.Run(async () =>
        {
            while (await requests.ReadLineAsync() is { } word && word != PauseWord)
            {
                stopReason = word == StopWord ? StopReason : stopReason;
            }

            await interrupt.CancelAsync();
        });
        _ = leash;

        using var writer = folder.OpenProgress();
        if (order.Kind == RunKind.RangeTest)
        {
            await TestRangeAsync(folder, writer, time, interrupt.Token);
            return 0;
        }

        var progress = new ProgressLines(writer, time);
        if (order.Kind == RunKind.CrossValidation)
        {
            await CrossValidateAsync(folder, order, progress, time, interrupt.Token);
            return 0;
        }

        if (order.Kind == RunKind.Evaluation)
        {
            await EvaluateAsync(folder, order, progress, time, interrupt.Token);
            return 0;
        }

        if (folder.ReadTrained() is { } ended)
        {
            if (order.StopReason is { } given)
            {
                // It was the measuring that failed again and again: the model stands without it.
                progress.Write(new TrainingProgress.Note($"There is no evaluation report: {given}"));
                folder.WriteResult(ended with { Message = given });
                return 0;
            }

            await EndAsync(folder, ended, progress, time, interrupt.Token);
            return 0;
        }

        var request = new TrainModelRequest(
            folder.Configuration, order.DataRoot, folder.Path, folder.HasCheckpoint || new MemoryShortages(folder.Path).Count > 0,
            () => Volatile.Read(ref stopReason));
        var result = await new TrainModel(time).RunAsync(request, progress.Write, interrupt.Token);
        if (result is TrainModelResult.Ended { ModelPath: { } model } trained)
        {
            var end = new RunFolder.Result(RunFolder.Ending.Finished, model, trained.StopReason);
            folder.WriteTrained(end);
            await EndAsync(folder, end, progress, time, interrupt.Token);
            return 0;
        }

        folder.WriteResult(result switch
        {
            TrainModelResult.Refused refused => new(RunFolder.Ending.Refused, null, refused.Message),
            TrainModelResult.Ended { StopReason: { } reason } =>
                new(RunFolder.Ending.Refused, null, $"{reason} No epoch was finished, so there is no model."),
            _ => new(RunFolder.Ending.Interrupted, null, null),
        });
        return 0;
    }

    // What cannot be measured is noted, and the model stands all the same; what was only interrupted is measured the next time.
    static async Task EndAsync(
        RunFolder folder, RunFolder.Result trained, ProgressLines progress, TimeProvider time, CancellationToken cancellation)
    {
        var request = new EvaluateModelRequest(trained.ModelPath!, folder.ReadOrder().DataRoot) { WritesCard = true };
        var refusal = await MeasureAsync(folder, request, progress, time, cancellation);
        var isOver = refusal is null || !cancellation.IsCancellationRequested;
        folder.WriteResult(isOver ? trained : new(RunFolder.Ending.Interrupted, null, null));
    }

    static async Task EvaluateAsync(
        RunFolder folder, RunFolder.Order order, ProgressLines progress, TimeProvider time, CancellationToken cancellation)
    {
        if (order.StopReason is { } reason)
        {
            folder.WriteResult(new(RunFolder.Ending.Refused, null, reason));
            return;
        }

        var configuration = TrainingConfiguration.FromJson(await File.ReadAllTextAsync(folder.Configuration, cancellation));
        var request = new EvaluateModelRequest(configuration.InitialModel!, order.DataRoot) { ConfigurationPath = folder.Configuration };
        var refusal = await MeasureAsync(folder, request, progress, time, cancellation);
        folder.WriteResult(refusal is null
            ? new(RunFolder.Ending.Finished, null, null)
            : cancellation.IsCancellationRequested
                ? new(RunFolder.Ending.Interrupted, null, null)
                : new(RunFolder.Ending.Refused, null, refusal));
    }

    /// <returns>Null where it is measured, else why not.</returns>
    static async Task<string?> MeasureAsync(
        RunFolder folder, EvaluateModelRequest request, ProgressLines progress, TimeProvider time, CancellationToken cancellation)
    {
        progress.Write(new TrainingProgress.Note("Writing the evaluation report."));
        request = request with
        {
            ReportPath = folder.Report,
            ScoresPath = folder.Scores,
            PictureFolder = folder.Path,
            RivalPath = folder.ReadOrder().ActiveModel,
            Margin = folder.ReadOrder().Margin,
        };
        var result = await new EvaluateModel(time).RunAsync(request, cancellation);
        if (result is EvaluateModelResult.Measured measured)
        {
            DurableFile.Write(folder.Evaluation, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(measured.Json)));
            DurableFile.Write(folder.Gate, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(measured.Gate.ToJson())));
            progress.Write(new TrainingProgress.Note($"The gate: {measured.Gate.Summary}"));
            return null;
        }

        var refusal = ((EvaluateModelResult.Refused)result).Message;
        progress.Write(new TrainingProgress.Note(
            cancellation.IsCancellationRequested
                ? "Interrupted: the evaluation report is written when the run goes on."
                : $"There is no evaluation report: {refusal}"));
        return refusal;
    }

    static async Task CrossValidateAsync(
        RunFolder folder, RunFolder.Order order, ProgressLines progress, TimeProvider time, CancellationToken cancellation)
    {
        if (order.StopReason is { } reason)
        {
            folder.WriteResult(new(RunFolder.Ending.Refused, null, $"{reason} The folds that were done are kept in the run's folder."));
            return;
        }

        var request = new CrossValidateRequest(folder.Configuration, order.DataRoot, Folds: null, ByPatient: null, folder.Path)
        {
            PictureFolder = folder.Path,
        };
        folder.WriteResult(await new CrossValidate(time).RunAsync(request, progress.Write, cancellation) switch
        {
            CrossValidateResult.Measured =>
                new(RunFolder.Ending.Finished, null, "Every image was tested once, by a network that the other folds trained."),
            CrossValidateResult.Refused refused => new(RunFolder.Ending.Refused, null, refused.Message),
            _ => new(RunFolder.Ending.Interrupted, null, null),
        });
    }

    static async Task TestRangeAsync(RunFolder folder, TextWriter writer, TimeProvider time, CancellationToken cancellation)
    {
        void Write(RunLine line) => writer.WriteLine(RunFolder.Line(line));
        var request = new FindLearningRateRequest(folder.Configuration, folder.ReadOrder().DataRoot, Iterations: null);
        var result = await FindLearningRate.RunAsync(request, _ => { }, point => Write(new(time.GetUtcNow(), Rate: point)), cancellation);
        folder.WriteResult(result switch
        {
            FindLearningRateResult.Refused refused =>
                new(cancellation.IsCancellationRequested ? RunFolder.Ending.Interrupted : RunFolder.Ending.Refused, null, refused.Message),
            _ when cancellation.IsCancellationRequested => new(RunFolder.Ending.Interrupted, null, null),
            FindLearningRateResult.Measured { Suggestion: { } range } => Suggested(range),
            FindLearningRateResult.Measured measured => new(RunFolder.Ending.Finished, null, measured.Reason),
            _ => new(RunFolder.Ending.Refused, null, "The range test ended without a result."),
        });

        RunFolder.Result Suggested(RateRange range)
        {
            Write(new(time.GetUtcNow(), Suggestion: range));
            var rates = FormattableString.Invariant($"{range.MinRate:0.0e-0} and {range.MaxRate:0.0e-0}");
            return new(RunFolder.Ending.Finished, null, $"The loss falls most steeply between {rates}.");
        }
    }

    static void LowerPriority()
    {
        try
        {
            Process.GetCurrentProcess().PriorityClass = ProcessPriorityClass.BelowNormal;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            // Training at normal priority is slower for readers, not wrong.
        }
    }

    /// <summary>
    /// How long no step is written after one: a few a second at first, and rarer in a long run, whose file a page reads as a whole.
    /// </summary>
    public static TimeSpan IntervalAfter(TimeSpan running)
    {
        const int Lines = 2000;
        return running / Lines is var even && even < StepInterval ? StepInterval : even < LongestInterval ? even : LongestInterval;
    }

    /// <summary>Writes every note and epoch, and of the steps some.</summary>
    sealed class ProgressLines(TextWriter writer, TimeProvider time)
    {
        DateTimeOffset _nextStep;
        DateTimeOffset? _began;

        public void Write(TrainingProgress progress)
        {
            var now = time.GetUtcNow();
            switch (progress)
            {
                case TrainingProgress.Note note:
                    writer.WriteLine(RunFolder.Line(new(now, Note: note.Text)));
                    break;
                case TrainingProgress.Fold fold:
                    writer.WriteLine(RunFolder.Line(new(now, Fold: fold)));
                    break;
                case TrainingProgress.Epoch epoch:
                    writer.WriteLine(RunFolder.Line(Measured(new(now, Epoch: epoch))));
                    break;
                case TrainingProgress.Step step when now >= _nextStep:
                    _nextStep = now + IntervalAfter(now - (_began ??= now));
                    writer.WriteLine(RunFolder.Line(Measured(new(now, Step: step))));
                    break;
            }
        }

        // Resident memory is of this process: what the trainer, its cache and libtorch hold.
        static RunLine Measured(RunLine line)
        {
            var gpu = ComputeDevice.IsCuda ? GpuMonitor.Shared?.Read() : null;
            return line with
            {
                MemoryMegabytes = Environment.WorkingSet / 1e6,
                GpuMegabytes = gpu?.UsedMegabytes,
                GpuUtilisation = gpu?.Utilisation
            };
        }
    }
}

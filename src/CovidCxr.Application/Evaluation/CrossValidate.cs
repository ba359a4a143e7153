using CovidCxr.Application.Training;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Training;

namespace CovidCxr.Application.Evaluation;

/// <summary>Trains and tests one model per fold. The same call after an interruption goes on with the first unfinished fold.</summary>
public sealed class CrossValidate(TimeProvider time)
{
    public const int MinFolds = CrossValidation.MinFolds, MaxFolds = CrossValidation.MaxFolds;

    /// <summary>The whole report, in the output folder.</summary>
    public const string ReportFile = "cross-validation.json";

    public async Task<CrossValidateResult> RunAsync(CrossValidateRequest request, Action<TrainingProgress> progress, CancellationToken cancellation)
    {
        try
        {
            NativeHeap.KeepFreedMemory();
            var options = TrainingOptions.FromJson(await File.ReadAllTextAsync(request.ConfigurationPath, cancellation));
            options = options with { Data = options.Data with { GroupBy = request.ByPatient ? GroupBy.Patient : GroupBy.Image } };
            var validation = new CrossValidation(options, request.DataFolder, request.OutputFolder, time);
            var watch = new CrossValidationWatch(
                note => progress(new TrainingProgress.Note(note)), state => progress(TrainModel.StepOf(state)), epoch => progress(TrainModel.EpochOf(epoch)));
            var report = await Task.Factory.StartNew(
                () => validation.Run(request.Folds, watch, cancellation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            if (report is null)
            {
                return new CrossValidateResult.Interrupted();
            }

            var path = Path.Combine(request.OutputFolder, ReportFile);
            DurableFile.Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(report.ToJson())));
            return new CrossValidateResult.Measured(path, FigureList.Of(report), report.Statements);
        }
        catch (Exception e) when (e is TrainingException or DataSetException or ModelFileException or IOException or UnauthorizedAccessException)
        {
            return new CrossValidateResult.Refused(e.Message);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return new CrossValidateResult.Interrupted();
        }
    }
}

/// <param name="Folds">MinFolds to MaxFolds.</param>
/// <param name="ByPatient">False divides by image, which the report warns of.</param>
/// <param name="OutputFolder">Gets a folder per fold and the report.</param>
public sealed record CrossValidateRequest(string ConfigurationPath, string DataFolder, int Folds, bool ByPatient, string OutputFolder);

public abstract record CrossValidateResult
{
    private CrossValidateResult()
    {
    }

    public sealed record Measured(string ReportPath, IReadOnlyList<MeasuredFigure> Figures, IReadOnlyList<string> Statements) : CrossValidateResult;

    public sealed record Interrupted : CrossValidateResult;

    public sealed record Refused(string Message) : CrossValidateResult;
}

using CovidCxr.Engine.Evaluation;
using CovidCxr.Engine.Training;
using CovidCxr.Laboratory.Training;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Files;
using CovidCxr.Learning.Training;

namespace CovidCxr.Laboratory.Evaluation;

/// <summary>Trains and tests one model per fold. The same call after an interruption goes on with the first unfinished fold.</summary>
public sealed class CrossValidate(TimeProvider time)
{
    public const int MinFolds = CrossValidation.MinFolds, MaxFolds = CrossValidation.MaxFolds;

    /// <summary>The whole report, in the output folder.</summary>
    public const string ReportFile = "cross-validation.json";

    public async Task<CrossValidateResult> RunAsync(
        CrossValidateRequest request, Action<TrainingProgress> progress, CancellationToken cancellation)
    {
        try
        {
            NativeHeap.KeepFreedMemory();
            var options = TrainingConfiguration.FromJson(await File.ReadAllTextAsync(request.ConfigurationPath, cancellation));
            options = request.ByPatient is { } byPatient
                ? options with { Data = options.Data with { GroupBy = byPatient ? GroupBy.Patient : GroupBy.Image } }
                : options;
            var folds = request.Folds ?? FoldsOf(options, request.DataFolder);
            var validation = new CrossValidation(options, request.DataFolder, request.OutputFolder, time)
            {
                DrawsHeatMaps = request.PictureFolder is not null
            };
            var watch = new CrossValidationWatch(
                note => progress(new TrainingProgress.Note(note)), fold => progress(new TrainingProgress.Fold(fold, folds)),
                state => progress(TrainModel.StepOf(state)), epoch => progress(TrainModel.EpochOf(epoch)));
            var report = await Task.Factory.StartNew(
                () => validation.Run(folds, watch, cancellation), CancellationToken.None, TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
            if (report is null)
            {
                return new CrossValidateResult.Interrupted();
            }

            if (request.PictureFolder is { } pictures)
            {
                ConfusedPictures.Write(pictures, report.MostConfused);
            }

            var path = Path.Combine(request.OutputFolder, ReportFile);
            DurableFile.Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(report.ToJson())));
            return new CrossValidateResult.Measured(path, FigureList.Of(report), report.Statements);
        }
        catch (Exception e) when (
            e is TrainingException or DataSetException or ModelFileException or IOException or UnauthorizedAccessException)
        {
            return new CrossValidateResult.Refused(e.Message);
        }
        catch (Exception e) when (OutOfMemory.Is(e))
        {
            return new CrossValidateResult.Refused(OutOfMemory.Advice);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return new CrossValidateResult.Interrupted();
        }
    }

    static int FoldsOf(TrainingConfiguration options, string root) =>
        options.Data.Sources is [{ Manifest: { } manifest } source]
            && ImageManifest.Read(Path.Combine(root, manifest), source.ManifestHash).Split?.Folds is { } folds
            ? folds
            : throw new DataSetException("The data set version is not divided into folds.");
}

/// <param name="Folds">MinFolds to MaxFolds; null for those into which the data set version is divided.</param>
/// <param name="ByPatient">False divides by image, which the report warns of; null as the configuration says.</param>
/// <param name="OutputFolder">Gets a folder per fold and the report.</param>
public sealed record CrossValidateRequest(string ConfigurationPath, string DataFolder, int? Folds, bool? ByPatient, string OutputFolder)
{
    /// <summary>Gets the most confused images with their heat maps as PNG files; null for none.</summary>
    public string? PictureFolder { get; init; }
}

public abstract record CrossValidateResult
{
    private CrossValidateResult()
    {
    }

    public sealed record Measured(string ReportPath, IReadOnlyList<MeasuredFigure> Figures, IReadOnlyList<string> Statements)
        : CrossValidateResult;

    public sealed record Interrupted : CrossValidateResult;

    public sealed record Refused(string Message) : CrossValidateResult;
}

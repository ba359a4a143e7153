using CovidCxr.Engine.Evaluation;
using CovidCxr.Engine.Lungs;
using CovidCxr.Engine.Training;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Files;
using CovidCxr.Learning.Gate;
using CovidCxr.Learning.Training;

namespace CovidCxr.Laboratory.Evaluation;

/// <summary>Measures a model on the data it was trained on, divided as then, or on another data set.</summary>
public sealed class EvaluateModel(TimeProvider time)
{
    public async Task<EvaluateModelResult> RunAsync(EvaluateModelRequest request, CancellationToken cancellation)
    {
        try
        {
            NativeHeap.KeepFreedMemory();
            var other = request.ConfigurationPath is { } path
                ? TrainingConfiguration.FromJson(await File.ReadAllTextAsync(path, cancellation))
                : null;
            // A thread of its own: dispose scopes and OpenMP's pool belong to the thread that calls.
            var report = await Task.Factory.StartNew(
                () => Run(request, other, cancellation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            report = request.WritesCard ? WriteCard(request.ModelPath, report) : report;
            if (request.PictureFolder is { } pictures)
            {
                ConfusedPictures.Write(pictures, report.MostConfused);
            }

            Write(request.ReportPath, () => ReportPage.Render(report, request.WithImages));
            Write(request.ScoresPath, () => ImageScore.ToCsv(report.Scores, report.Model.Classes));

            return new EvaluateModelResult.Measured(report.ToJson(), FigureList.Of(report), [
                .. report.Statements, report.SourcesCheck,
                .. report.LungsBlackedOut is { } lungs ? [lungs.Reading] : Array.Empty<string>()], ModelGate.Judge(report, request.Margin));
        }
        catch (Exception e) when (
            e is TrainingException or DataSetException or ModelFileException or IOException or UnauthorizedAccessException)
        {
            return new EvaluateModelResult.Refused(e.Message);
        }
        catch (Exception e) when (OutOfMemory.Is(e))
        {
            return new EvaluateModelResult.Refused(OutOfMemory.Advice);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return new EvaluateModelResult.Refused("Interrupted.");
        }
    }

    static void Write(string? path, Func<string> text)
    {
        if (path is not null)
        {
            DurableFile.Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text())));
        }
    }

    EvaluationReport Run(EvaluateModelRequest request, TrainingConfiguration? other, CancellationToken cancellation)
    {
        var model = ModelFile.Read(request.ModelPath);
        var subject = other is null
            ? EvaluationSubject.OfTraining(model, request.ModelPath, request.DataFolder, request.Part, cancellation)
            : EvaluationSubject.OfOther(model, request.ModelPath, other, request.DataFolder, request.Part, cancellation);
        var isRivalAsked = request.RivalPath is not null;
        var report = new ModelEvaluation(model, subject.Data, request.DataFolder, time)
        {
            Seen = subject.Seen,
            TrainedSources = subject.TrainedSources,
            Statements = subject.Statements,
            DrawsHeatMaps = request.PictureFolder is not null,
            UnknownAncestors = subject.Unknown,
            LooksAtFilms = true,
            FindsLungs = LungFinder.Default.Find,
            Rival = request.RivalPath is { } rival ? EvaluationRival.Find(rival, model, subject, request.DataFolder, cancellation) : null,
        }
            .Run(subject.PartName, subject.Samples, cancellation);
        return report with { Honesty = report.Honesty! with { HasUnknownRival = isRivalAsked && report.Honesty.Rival is null } };
    }

    // The card shows what the report says, and says no figure of its own. The file is another one then, and the report names that.
    static EvaluationReport WriteCard(string path, EvaluationReport report)
    {
        var model = ModelFile.Read(path);
        var checks = report.LungsBlackedOut is { } lungs ? [report.SourcesCheck, lungs.Reading] : new[] { report.SourcesCheck };
        var header = model.Header with
        {
            Metrics = FigureList.OnCard(report),
            Card = model.Header.Card with { Checks = [.. report.Statements, .. checks] },
        };
        ModelFile.Write(path, header, model.Tensors, inHalfPrecision: false);
        return report with { Model = report.Model with { Sha256 = ModelFile.Read(path).Sha256 } };
    }
}

using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.DataSets;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Runs;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Training;
using CovidCxr.Platform.Audit;
using CovidCxr.Platform.Jobs;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Runs;

/// <summary>Queues a run that measures a registered model on a data set version, as `evaluate --config` does.</summary>
public sealed class StartEvaluationRun(
    IDbContextFactory<CovidCxrDbContext> contexts, JobQueue queue, DataSetPlaces places, DataFolder folder, AuditLog audit,
    TimeProvider time)
{
    public async Task<StartTrainingRunResult> RunAsync(
        Guid? modelVersionId, Guid? dataSetVersionId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var model = await db.ModelVersions.AsNoTracking().SingleOrDefaultAsync(m => m.Id == modelVersionId, cancellation);
        var data = await db.DataSetVersions.AsNoTracking()
            .SingleOrDefaultAsync(v => v.Id == dataSetVersionId && v.State == DataSetState.Ready, cancellation);
        if (model is null || data is null)
        {
            return new StartTrainingRunResult.Refused(model is null ? "Choose a registered model." : "Choose a data set version.");
        }

        TrainingConfiguration configuration;
        try
        {
            configuration = await Task.Run(() => Configure(model, data), cancellation);
        }
        catch (Exception e) when (e is TrainingException or DataSetException or ModelFileException)
        {
            return new StartTrainingRunResult.Refused(e.Message);
        }

        var run = await StartTrainingRun.RowAsync(db, configuration, RunKind.Evaluation, data.Id, actor, time.GetUtcNow(), cancellation);
        run.ModelVersionId = model.Id;
        db.TrainingRuns.Add(run);
        TrainingRunJob.AddTo(queue, db, run);
        audit.AddTo(db, actor, AuditAction.RetrainingStart, AuditOutcome.Succeeded, detail: $"run {run.Number}: evaluation");
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        queue.Wake(TrainingRunJob.JobKind);
        return new StartTrainingRunResult.Started(run.Id);
    }

    // A run's configuration with the model to measure in the place of the one to start from, and the model's own classes.
    TrainingConfiguration Configure(ModelVersion model, DataSetVersion data)
    {
        var header = ModelHeader.FromJson(model.HeaderJson);
        var images = places.Read(data.Id, data.ManifestHash).Images;
        if (images.FirstOrDefault(i => i.Problem is null && !header.Classes.Contains(i.Class)) is { } stray)
        {
            throw new TrainingException(
                $"The data set has the class '{stray.Class}'; the model knows {string.Join(", ", header.Classes)}. Import the images under "
                    + "these names.");
        }

        var title = $"{data.Name}, version {data.Number}";
        var source = new DataSource(title, Manifest: DataSetPlaces.ManifestOf(data.Id), ManifestHash: data.ManifestHash);
        var configuration = new TrainingConfiguration
        {
            Name = $"{model.Name}, version {model.Number}, on {title}",
            Architecture = model.Architecture,
            Classes = header.Classes,
            PositiveClass = header.Classes[header.PositiveClass],
            Data = new(title, [source], new()),
            ImageSize = header.Preset.Width,
            InitialModel = Path.Combine(folder.Models, model.FileKey),
        };
        configuration.Validate();
        return configuration;
    }
}

using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.DataSets;
using CovidCxr.Domain.Runs;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Laboratory.Plans;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Training;
using CovidCxr.Platform.Audit;
using CovidCxr.Platform.Jobs;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Runs;

/// <summary>Takes a run's configuration, checks it and queues the run.</summary>
public sealed class StartTrainingRun(
    IDbContextFactory<CovidCxrDbContext> contexts, JobQueue queue, DataSetPlaces places, DataFolder folder, AuditLog audit,
    TimeProvider time)
{
    const int MaxNameLength = 100;

    /// <param name="kind">
    /// A range test takes the same draft and leaves no model; a training on a version in folds becomes a cross-validation.
    /// </param>
    public async Task<StartTrainingRunResult> RunAsync(TrainingDraft draft, RunKind kind, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        TrainingConfiguration configuration;
        string? plan = null;
        try
        {
            (configuration, var manifest) = await ConfigureAsync(db, draft, cancellation);
            kind = kind == RunKind.Training && manifest.Split?.Folds is not null ? RunKind.CrossValidation : kind;
            plan = kind == RunKind.Training && draft.Plan is { } wanted ? Frozen(wanted, draft, configuration, manifest) : null;
            if (plan is not null && await UnknownSourceAsync(db, draft, configuration.Data.Name, manifest, cancellation) is { } unknown)
            {
                return new StartTrainingRunResult.Refused(unknown);
            }
        }
        catch (Exception e) when (e is TrainingException or DataSetException)
        {
            return new StartTrainingRunResult.Refused(e.Message);
        }

        // Manifests are read before: nobody else may write while a transaction is open.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var run = await RowAsync(db, configuration, kind, draft.DataSetVersionId, actor, time.GetUtcNow(), cancellation);
        (run.Plan, run.PlanHash) = (plan, plan is null ? null : TrainingPlan.HashOf(plan));
        run.IsExploration = kind == RunKind.Training && plan is null;
        db.TrainingRuns.Add(run);
        TrainingRunJob.AddTo(queue, db, run);
        audit.AddTo(
            db, actor, AuditAction.RetrainingStart, AuditOutcome.Succeeded,
            detail: run.PlanHash is { } hash ? RunPlan.AuditDetail(run.Number, hash) : $"run {run.Number}");
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        queue.Wake(TrainingRunJob.JobKind);
        return new StartTrainingRunResult.Started(run.Id);
    }

    static string Frozen(PlanDraft wanted, TrainingDraft draft, TrainingConfiguration configuration, ImageManifest manifest)
    {
        var plan = new TrainingPlan(
            wanted.Change.Trim(), wanted.Metric, wanted.Margin, wanted.Why.Trim(), configuration.Data.Name, draft.DataSetVersionId!.Value,
            configuration.Data.Sources[0].ManifestHash, wanted.HeldOutSources, configuration.ToJson());
        var trained = manifest.Images.Where(i => i.Part is DataPart.Train or DataPart.Validation)
            .Select(i => i.Source ?? configuration.Data.Sources[0].Path).ToHashSet(StringComparer.Ordinal);
        return plan.Refusal(trained) is { } refusal ? throw new TrainingException(refusal) : plan.ToJson();
    }

    // What is held out is in this version, or in one that the model will be evaluated on. Others are read only where this one lacks it.
    async Task<string?> UnknownSourceAsync(
        CovidCxrDbContext db, TrainingDraft draft, string title, ImageManifest manifest, CancellationToken cancellation)
    {
        var known = SourcesOf(manifest, title);
        if (Unknown() is null)
        {
            return null;
        }

        var others = await db.DataSetVersions.AsNoTracking()
            .Where(v => v.State == DataSetState.Ready && v.Id != draft.DataSetVersionId).OrderByDescending(v => v.CreatedAt)
            .ToListAsync(cancellation);
        foreach (var other in others)
        {
            known.UnionWith(await Task.Run(() => TryReadSources(other), cancellation));
            if (Unknown() is null)
            {
                return null;
            }
        }

        return $"The plan holds '{Unknown()}' out, and no data set here has such a source. There are: "
            + $"{string.Join(", ", known.Order(StringComparer.Ordinal))}.";

        string? Unknown() => draft.Plan!.HeldOutSources.FirstOrDefault(s => !known.Contains(s));
    }

    // A version that cannot be read has no source that one could evaluate on.
    HashSet<string> TryReadSources(DataSetVersion version)
    {
        try
        {
            return SourcesOf(places.Read(version.Id, version.ManifestHash), TitleOf(version));
        }
        catch (DataSetException)
        {
            return [];
        }
    }

    // Where nothing says the source of an image it is the whole data set.
    static HashSet<string> SourcesOf(ImageManifest manifest, string title) =>
        manifest.Images.Select(i => i.Source ?? title).ToHashSet(StringComparer.Ordinal);

    static string TitleOf(DataSetVersion version) => $"{version.Name}, version {version.Number}";

    /// <summary>The next run's row, not yet added.</summary>
    internal static async Task<TrainingRun> RowAsync(
        CovidCxrDbContext db, TrainingConfiguration configuration, RunKind kind, Guid? dataSetVersionId, Actor actor, DateTimeOffset now,
        CancellationToken cancellation) => new()
        {
            Number = (await db.TrainingRuns.MaxAsync(r => (int?)r.Number, cancellation) ?? 0) + 1,
            Name = configuration.Name[..Math.Min(configuration.Name.Length, MaxNameLength)],
            Kind = kind,
            DataSetVersionId = dataSetVersionId,
            Architecture = configuration.Architecture,
            Configuration = configuration.ToJson(),
            StartedBy = actor.UserId,
            StartedByName = actor.UserName,
            CreatedAt = now,
        };

    async Task<(TrainingConfiguration Configuration, ImageManifest Manifest)> ConfigureAsync(
        CovidCxrDbContext db, TrainingDraft draft, CancellationToken cancellation)
    {
        var version = await db.DataSetVersions.AsNoTracking()
            .SingleOrDefaultAsync(v => v.Id == draft.DataSetVersionId && v.State == DataSetState.Ready, cancellation)
            ?? throw new TrainingException("Choose a data set version.");
        var title = TitleOf(version);
        var source = new DataSource(title, Manifest: DataSetPlaces.ManifestOf(version.Id), ManifestHash: version.ManifestHash);
        var manifest = await Task.Run(() => places.Read(version.Id, version.ManifestHash), cancellation);
        return (draft.On(title, source, manifest, await InitialModelAsync(db, draft, cancellation)), manifest);
    }

    async Task<string?> InitialModelAsync(CovidCxrDbContext db, TrainingDraft draft, CancellationToken cancellation)
    {
        if (draft.StartsFromImageNet)
        {
            return ImageNetWeights.Architectures.Contains(draft.Architecture)
                ? ImageNetWeights.Name
                : throw new TrainingException(
                    $"ImageNet's weights come with this program for {string.Join(", ", ImageNetWeights.Architectures)} only.");
        }

        if (draft.InitialVersionId is not { } id)
        {
            return null;
        }

        var version = await db.ModelVersions.AsNoTracking().SingleOrDefaultAsync(m => m.Id == id, cancellation)
            ?? throw new TrainingException("The version to start from is not registered.");
        return version.Architecture == draft.Architecture
            ? Path.Combine(folder.Models, version.FileKey)
            : throw new TrainingException(
                $"Version {version.Number} is a {version.Architecture}: start a {draft.Architecture} from another version, or from "
                + "random weights.");
    }
}

public abstract record StartTrainingRunResult
{
    private StartTrainingRunResult()
    {
    }

    public sealed record Started(Guid RunId) : StartTrainingRunResult;

    public sealed record Refused(string Message) : StartTrainingRunResult;
}

using CovidCxr.Application.Accounts;
using CovidCxr.Application.Audit;
using CovidCxr.Application.Jobs;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Training;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Training;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Application.Training;

/// <summary>Takes a run's configuration, checks it and queues the run.</summary>
public sealed class StartRetraining(IDbContextFactory<CovidCxrDbContext> contexts, JobQueue queue, RetrainingRoot root, AuditLog audit, TimeProvider time)
{
    /// <param name="folders">As <see cref="ListDataFolders"/> found them: the form's folders are among them.</param>
    public async Task<StartRetrainingResult> RunAsync(RetrainingForm form, IReadOnlyList<DataFolderView> folders, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        TrainingOptions options;
        try
        {
            options = form.ToOptions(folders);
            CheckSources(options.Data);
        }
        catch (Exception e) when (e is TrainingException or DataSetException)
        {
            return new StartRetrainingResult.Refused(e.Message);
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var run = new RetrainingRun
        {
            Number = (await db.RetrainingRuns.MaxAsync(r => (int?)r.Number, cancellation) ?? 0) + 1,
            Name = options.Name,
            Architecture = options.Architecture,
            Configuration = options.ToJson(),
            StartedBy = actor.UserId,
            StartedByName = actor.UserName,
            CreatedAt = time.GetUtcNow(),
        };
        db.RetrainingRuns.Add(run);
        RunRetraining.AddTo(queue, db, run);
        audit.AddTo(db, actor, AuditAction.RetrainingStart, AuditOutcome.Succeeded, detail: $"run {run.Number}");
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        queue.Wake(RunRetraining.JobKind);
        return new StartRetrainingResult.Started(run.Id);
    }

    // Nothing outside the root is ever read, whatever the configuration says.
    void CheckSources(DataSetOptions data)
    {
        foreach (var source in data.Sources)
        {
            var path = Path.GetFullPath(Path.Combine(root.Path, source.Path));
            string[] inner = source.Table is { } table ? [table.File, table.ImageFolder] : [.. source.ClassFolders?.Keys ?? []];
            if (!IsBelow(path, root.Path) || inner.Any(i => !IsBelow(Path.GetFullPath(Path.Combine(path, i)), path)) || !Directory.Exists(path))
            {
                throw new DataSetException($"The data folder has no folder '{source.Path}', or it names a place outside.");
            }
        }
    }

    static bool IsBelow(string path, string folder) => path == folder || path.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal);
}

public abstract record StartRetrainingResult
{
    private StartRetrainingResult()
    {
    }

    public sealed record Started(Guid RunId) : StartRetrainingResult;

    public sealed record Refused(string Message) : StartRetrainingResult;
}

using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Runs;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Runs;

/// <summary>A run as list and page show it.</summary>
public sealed record TrainingRunView(
    Guid Id, int Number, string Name, string Architecture, string StartedBy, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt, RunState State, RunRequest Request,
    string? Message, Guid? ModelVersionId, string Configuration, RunKind Kind, Guid? DataSetVersionId);

/// <summary>Every run, the newest first.</summary>
public sealed class ListTrainingRuns(IDbContextFactory<CovidCxrDbContext> contexts)
{
    public async Task<IReadOnlyList<TrainingRunView>> RunAsync(Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return [.. (await db.TrainingRuns.AsNoTracking().OrderByDescending(r => r.Number).ToListAsync(cancellation)).Select(View)];
    }

    internal static TrainingRunView View(TrainingRun r) =>
        new(r.Id, r.Number, r.Name, r.Architecture, r.StartedByName, r.CreatedAt, r.FinishedAt, r.State, r.Request, r.Message, r.ModelVersionId, r.Configuration, r.Kind, r.DataSetVersionId);
}

/// <summary>One run with what it has measured since the caller last asked.</summary>
public sealed class WatchTrainingRun(IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder)
{
    /// <param name="from">0 at first, then what the last call returned.</param>
    /// <returns>Null where there is no such run.</returns>
    public async Task<WatchTrainingRunResult?> RunAsync(Guid runId, long from, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (await db.TrainingRuns.AsNoTracking().SingleOrDefaultAsync(r => r.Id == runId, cancellation) is not { } run)
        {
            return null;
        }

        var place = RunFolder.Of(folder, runId);
        var (lines, next) = await Task.Run(() => place.ReadProgress(from), cancellation);
        return new(ListTrainingRuns.View(run), lines, next);
    }
}

/// <param name="Lines">In the order in which they were written.</param>
/// <param name="Next">Where the next call goes on.</param>
public sealed record WatchTrainingRunResult(TrainingRunView Run, IReadOnlyList<RunLine> Lines, long Next);

using CovidCxr.Domain.Accounts;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Runs;

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

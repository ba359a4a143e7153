using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Runs;
using CovidCxr.Learning.Training;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Runs;

/// <summary>A run as list and page show it.</summary>
/// <param name="Configuration">As <see cref="TrainingConfiguration"/> writes it today, whenever it was stored.</param>
public sealed record TrainingRunView(
    Guid Id, int Number, string Name, string Architecture, string StartedBy, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt,
    RunState State, RunRequest Request, string? Message, Guid? ModelVersionId, string Configuration, RunKind Kind, Guid? DataSetVersionId)
{
    /// <summary>Whether it was started by a plan.</summary>
    public bool IsPlanned { get; init; }

    public bool IsOffPlan { get; init; }

    public bool IsExploration { get; init; }
}

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
        new(r.Id, r.Number, r.Name, r.Architecture, r.StartedByName, r.CreatedAt, r.FinishedAt, r.State, r.Request, r.Message,
        r.ModelVersionId, TrainingConfiguration.Upgraded(r.Configuration), r.Kind, r.DataSetVersionId)
        {
            IsPlanned = r.Plan is not null,
            IsOffPlan = r.OffPlan is not null,
            IsExploration = r.IsExploration,
        };
}

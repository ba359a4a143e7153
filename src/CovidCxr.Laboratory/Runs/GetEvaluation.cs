using CovidCxr.Domain.Accounts;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Runs;

/// <summary>Reads a report for its page. Recorded, because it shows films.</summary>
public sealed class GetEvaluation(IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, DataSetPlaces places, AuditLog audit)
{
    /// <returns>Null where there is no such run, or no report of it.</returns>
    public async Task<RunReport<EvaluationReport>?> RunAsync(Guid runId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        var place = RunFolder.Of(folder, runId);
        if (await ReadAsync(place, cancellation) is not { } report)
        {
            return null;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return new(report, await ConfusedPlaces.ShowAsync(db, places, audit, place, runId, report.MostConfused, actor, cancellation));
    }

    /// <summary>Null where there is none.</summary>
    internal static async Task<EvaluationReport?> ReadAsync(RunFolder place, CancellationToken cancellation) =>
        File.Exists(place.Evaluation) ? EvaluationReport.FromJson(await File.ReadAllTextAsync(place.Evaluation, cancellation)) : null;
}

using CovidCxr.Domain.Accounts;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Runs;

/// <summary>Reads the report of a cross-validation for its page. Recorded, because it shows films.</summary>
public sealed class GetCrossValidation(
    IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, DataSetPlaces places, AuditLog audit)
{
    /// <returns>Null where there is no such run, or no report of it.</returns>
    public async Task<RunReport<CrossValidationReport>?> RunAsync(Guid runId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        var place = RunFolder.Of(folder, runId);
        if (!File.Exists(place.CrossValidation))
        {
            return null;
        }

        var report = CrossValidationReport.FromJson(await File.ReadAllTextAsync(place.CrossValidation, cancellation));
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return new(report, await ConfusedPlaces.ShowAsync(db, places, audit, place, runId, report.MostConfused, actor, cancellation));
    }
}

using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Runs;

public enum RunFile
{
    Report,
    Evaluation,
    Configuration,
    Checkpoint,
    CrossValidation,
    Scores,
}

/// <param name="Path">On this machine.</param>
/// <param name="Name">To save it under.</param>
public sealed record RunFileView(string Path, string Name, string ContentType);

/// <summary>What a run leaves behind, to take along. Recorded, because a report names images.</summary>
public sealed class GetRunFile(IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, AuditLog audit)
{
    /// <returns>Null where there is no such run, or it has not come so far.</returns>
    public async Task<RunFileView?> RunAsync(Guid runId, RunFile file, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var number = await db.TrainingRuns.Where(r => r.Id == runId).Select(r => (int?)r.Number).SingleOrDefaultAsync(cancellation);
        var place = RunFolder.Of(folder, runId);
        var (path, name, type) = file switch
        {
            RunFile.Report => (place.Report, "report.html", "text/html; charset=utf-8"),
            RunFile.Evaluation => (place.Evaluation, "evaluation.json", "application/json"),
            RunFile.CrossValidation => (place.CrossValidation, "cross-validation.json", "application/json"),
            RunFile.Scores => (place.Scores, "scores.csv", "text/csv; charset=utf-8"),
            RunFile.Configuration => (place.Configuration, "run.json", "application/json"),
            _ => (place.Model, "model.safetensors", "application/octet-stream"),
        };
        if (number is null || !File.Exists(path))
        {
            return null;
        }

        await audit.RecordAsync(actor, AuditAction.TrainingExport, AuditOutcome.Succeeded, detail: $"run {number}: {file}");
        return new(path, $"run-{number}-{name}", type);
    }
}

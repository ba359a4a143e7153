using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Runs;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Models;

/// <summary>Who trained, registered and promoted the versions: from the runs and from the audit trail, which no file can make up.</summary>
sealed class ModelHistory
{
    readonly Dictionary<Guid, string> _trained;
    readonly Dictionary<(AuditAction, string), (string By, DateTimeOffset At)> _actions = [];

    ModelHistory(Dictionary<Guid, string> trained) => _trained = trained;

    /// <summary>What audit rows call a version, alone or before a comma.</summary>
    public static string NameOf(int number) => FormattableString.Invariant($"version {number}");

    public static async Task<ModelHistory> ReadAsync(CovidCxrDbContext db, CancellationToken cancellation)
    {
        var runs = await db.TrainingRuns.Where(r => r.ModelVersionId != null && r.Kind == RunKind.Training)
            .OrderBy(r => r.Number)
            .Select(r => new { Version = r.ModelVersionId!.Value, r.StartedByName }).ToListAsync(cancellation);
        var history = new ModelHistory(runs.GroupBy(r => r.Version).ToDictionary(g => g.Key, g => g.First().StartedByName));
        // What the program itself activated, the starter model, was nobody's decision.
        var rows = await db.Audit.AsNoTracking()
            .Where(a =>
                (a.Action == AuditAction.ModelRegister || a.Action == AuditAction.ModelActivate) && a.Outcome == AuditOutcome.Succeeded
                    && a.UserName != null && a.Detail != null)
            .OrderBy(a => a.Id).Select(a => new { a.Action, a.Detail, a.UserName, a.At }).ToListAsync(cancellation);
        foreach (var row in rows)
        {
            history._actions[(row.Action, row.Detail!.Split(',')[0])] = (row.UserName!, row.At);
        }

        return history;
    }

    /// <summary>The version as list and card show it, with its people.</summary>
    public ModelView View(ModelVersion version)
    {
        var promoted = Find(AuditAction.ModelActivate, version.Number);
        return ListModels.View(version) with
        {
            TrainedBy = _trained.GetValueOrDefault(version.Id),
            RegisteredBy = Find(AuditAction.ModelRegister, version.Number)?.By,
            PromotedBy = promoted?.By,
            PromotedAt = promoted?.At,
        };
    }

    (string By, DateTimeOffset At)? Find(AuditAction action, int number) =>
        _actions.TryGetValue((action, NameOf(number)), out var found) ? found : null;
}

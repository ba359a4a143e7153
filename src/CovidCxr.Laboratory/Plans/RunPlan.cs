using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Runs;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Gate;
using CovidCxr.Learning.Training;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Plans;

/// <summary>A run's plan as it was frozen, and whether the run kept to it.</summary>
/// <param name="Hash">Of the plan, as it was frozen.</param>
/// <param name="Deviation">Why the run is off its plan, in one or more sentences; null where it is not.</param>
/// <param name="IsExploration">It was started without a plan since there are plans; what comes of it is not promoted.</param>
public sealed record RunPlan(
    Guid RunId, int RunNumber, TrainingPlan? Plan, string? Hash, string? Deviation, bool IsExploration)
{
    /// <summary>Why no version of the run is put to work; null where the plan stands against nothing.</summary>
    /// <param name="results">What the gate found of the version.</param>
    internal string? Obstacle(IReadOnlyList<GateReport> results) =>
        Deviation is not null
            ? $"Run {RunNumber} is off its plan, and a version of such a run is never activated. {Deviation}"
        : IsExploration
            ? $"Run {RunNumber} was an exploration, without a plan: train it again by a plan to put it to work."
        : Plan?.HeldOut.Where(h => !results.Any(r => r.Groups.Any(g => g.Figures.Kind == "source" && g.Figures.Name == h))).ToList()
            is { Count: > 0 } open
            ? $"The plan wants it measured on {string.Join(", ", open)} too, which it has not seen: evaluate it there first."
        : null;

    /// <summary>By the plan's own figure and margin, beside the active version; null where there is no plan or no such version.</summary>
    /// <param name="results">What the gate found of the version, newest first.</param>
    /// <param name="active">The active version's file, by its hash; null for none.</param>
    internal PlanJudgement? Judge(IReadOnlyList<GateReport> results, string? active) =>
        Plan is not null && active is not null ? PlanJudgement.Of(Plan, results, active) : null;

    /// <summary>What people sign of it; null where there is no plan.</summary>
    internal string? Evidence => Hash is null ? null : $"{Hash}\n{Deviation}";

    /// <summary>What an audit row of a start says where the run has a plan; the trail shows whether anybody changed it.</summary>
    internal static string AuditDetail(int run, string hash) => $"{AuditStart(run)}{hash}";

    static string AuditStart(int run) => FormattableString.Invariant($"run {run}, plan ");

    internal static string AuditDeparture(int run) => FormattableString.Invariant($"run {run}");

    /// <summary>
    /// Of the run that a version came of; where none did, of one that made its weights: another header, such as one with severity, makes
    /// no other network. Null where there is no such run here.
    /// </summary>
    internal static async Task<RunPlan?> OfAsync(CovidCxrDbContext db, ModelVersion version, CancellationToken cancellation)
    {
        var weights = version.WeightsSha256;
        var runs = await (
            from r in db.TrainingRuns
            join m in db.ModelVersions on r.ModelVersionId equals m.Id
            where r.Kind == RunKind.Training && (m.Id == version.Id || (weights != null && m.WeightsSha256 == weights))
            orderby r.Number
            select new { Run = r, Made = m }).AsNoTracking().ToListAsync(cancellation);
        List<RunPlan> plans = [];
        foreach (var row in runs.Exists(r => r.Made.Id == version.Id) ? runs.FindAll(r => r.Made.Id == version.Id) : runs)
        {
            plans.Add(await OfAsync(db, row.Run, row.Made, cancellation));
        }

        // There may be several runs: one that is off its plan counts.
        return plans.Find(p => p.Deviation is not null) ?? plans.Find(p => p.Plan is not null) ?? (plans.Count > 0 ? plans[0] : null);
    }

    /// <param name="version">What came of the run; null where nothing did yet.</param>
    internal static async Task<RunPlan> OfAsync(
        CovidCxrDbContext db, TrainingRun run, ModelVersion? version, CancellationToken cancellation)
    {
        var (start, departure) = (AuditStart(run.Number), AuditDeparture(run.Number));
        var frozen = await db.Audit.AsNoTracking()
            .Where(a => a.Action == AuditAction.RetrainingStart && a.Detail != null && a.Detail.StartsWith(start))
            .Select(a => a.Detail!.Substring(start.Length)).ToListAsync(cancellation);
        var hasLeft = await db.Audit.AnyAsync(a => a.Action == AuditAction.PlanDeparture && a.Detail == departure, cancellation);
        var plan = TrainingPlan.TryRead(run.Plan);
        string?[] deviations =
        [
            run.OffPlan ?? (hasLeft ? "It was noted in the audit trail that the plan was left." : null),
            Tampered(run, plan, await IsArchivedAsync(db, run, frozen, cancellation) && run.PlanHash is { } hash ? [hash] : frozen),
            plan is null ? null : Differing(plan, run, version),
        ];
        return new(
            run.Id, run.Number, plan, run.PlanHash,
            deviations.Any(d => d is not null) ? string.Join(' ', deviations.OfType<string>().Distinct()) : null,
            run is { IsExploration: true, Plan: null } && frozen.Count == 0);
    }

    // What is older than the whole trail went into an archive, with the entry of the start. Who takes an entry out of the trail is found.
    static async Task<bool> IsArchivedAsync(
        CovidCxrDbContext db, TrainingRun run, List<string> frozen, CancellationToken cancellation) =>
        frozen.Count == 0 && run.PlanHash is not null && !await db.Audit.AnyAsync(a => a.At <= run.CreatedAt, cancellation);

    static string? Tampered(TrainingRun run, TrainingPlan? plan, List<string> frozen) =>
        run.Plan is null
            ? frozen.Count > 0 || run.PlanHash is not null ? "The plan with which it started is gone." : null
        : plan is null || TrainingPlan.HashOf(run.Plan) != run.PlanHash || !frozen.Contains(run.PlanHash)
            ? "The plan is not the one that was frozen when it started."
        : null;

    // What was trained is what the model file says; what will be is what the row says.
    static string? Differing(TrainingPlan plan, TrainingRun run, ModelVersion? version)
    {
        var trained = version is null ? run.Configuration : ModelHeader.FromJson(version.HeaderJson).Training?.Configuration;
        return trained is null ? "The model does not say how it was trained."
            : Words(TrainingPlan.Differences(plan.Configuration, trained)) ?? Departure(run) ?? Happened(plan, version);
    }

    // What the configuration does not say. Who stops when the figures please chooses by them; a patience was planned.
    static string? Happened(TrainingPlan plan, ModelVersion? version) =>
        version is null || ModelHeader.FromJson(version.HeaderJson).Training is not { } done ? null
        : done.Remarks is { Count: > 0 } remarks ? string.Join(' ', remarks)
        : TrainingConfiguration.FromJson(plan.Configuration) is { Patience: null } planned && done.Epochs < planned.Epochs
            ? FormattableString.Invariant($"It ended after {done.Epochs} of {planned.Epochs} epochs.")
        : null;

    static string? Words(IReadOnlyList<string> differences) => differences.Count == 0
        ? null
        : $"It was configured otherwise than planned: {string.Join(", ", differences)}.";

    /// <summary>How the run's configuration departs from its plan now; null where it does not, or there is no plan.</summary>
    internal static string? Departure(TrainingRun run) => TrainingPlan.TryRead(run.Plan) is not { } plan ? null
        : Words(TrainingPlan.Differences(plan.Configuration, run.Configuration))
            ?? (run.DataSetVersionId != plan.DataSetVersionId ? "It has another data set version than planned." : null);
}

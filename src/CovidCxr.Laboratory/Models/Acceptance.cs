using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Models;
using CovidCxr.Laboratory.Plans;
using CovidCxr.Learning.Gate;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Models;

/// <summary>How far a version is on its way to work: what the gate found, who has signed it, and what still stands against it.</summary>
/// <param name="EvidenceHash">What people sign.</param>
/// <param name="Results">Of the gate, newest first; those that cannot be read are missing.</param>
/// <param name="Signatures">Of this evidence, given since the version was last withdrawn, one of a person.</param>
/// <param name="Needed">How many people have to sign.</param>
/// <param name="Obstacle">Why nobody may sign it; null where people may.</param>
public sealed record Acceptance(
    string EvidenceHash, IReadOnlyList<GateReport> Results, IReadOnlyList<ModelSignature> Signatures, int Needed, string? Obstacle)
{
    const int Two = 2;

    /// <summary>Of the run here that it came of; null where it came of none.</summary>
    public RunPlan? Plan { get; init; }

    /// <summary>What the plan's own figure says of it beside the active version; null where there is no plan or no such version.</summary>
    public PlanJudgement? Judgement { get; init; }

    /// <summary>Why it must not be put to work; null where it may.</summary>
    public string? Objection => Obstacle
        ?? (Signatures.Count >= Needed
            ? null
            : $"{Signatures.Count} of {Needed} {(Needed == 1 ? "signature" : "signatures")} of this evidence: "
                + $"{(Needed == 1 ? "somebody has" : "two administrators have")} to sign it first.");

    /// <param name="withdraws">Whether the active version is to be taken out of service: what returns need not be as good as that one. It
    /// needs as many signatures as any: one that was given alone must not do because of a roll back.</param>
    internal static async Task<Acceptance> ReadAsync(
        CovidCxrDbContext db, ModelVersion version, ModelOptions options, CancellationToken cancellation, bool withdraws = false)
    {
        var rows = await db.GateResults.AsNoTracking().Where(g => g.ModelVersionId == version.Id).ToListAsync(cancellation);
        var plan = await RunPlan.OfAsync(db, version, cancellation);
        var hash = ModelEvidence.Hash(version, rows, plan?.Evidence);
        var withdrawn = await db.ModelPeriods.Where(p => p.ModelVersionId == version.Id && p.IsWithdrawn)
            .MaxAsync(p => p.Until, cancellation);
        var signatures = await db.ModelSignatures.AsNoTracking()
            .Where(s => s.ModelVersionId == version.Id && s.EvidenceHash == hash && (withdrawn == null || s.SignedAt > withdrawn))
            .OrderBy(s => s.SignedAt).ToListAsync(cancellation);
        var active = await db.ModelVersions.Where(m => m.IsActive && m.Id != version.Id).Select(m => m.Sha256)
            .SingleOrDefaultAsync(cancellation);
        active = withdraws ? null : active;
        List<GateReport?> read = [.. rows.OrderByDescending(r => r.Id).Select(r => TryRead(r, version))];
        List<GateReport> results = [.. read.OfType<GateReport>()];
        var judgement = plan?.Judge(results, active);
        return new(
            hash, results, [.. signatures.DistinctBy(s => s.SignedBy)], options.Signatures ?? await DefaultAsync(db, cancellation),
            results.Count < read.Count
                ? "A result of the gate is damaged, or is another model's."
                // Of before the weights had a hash of their own. A copy under another header must not slip through meanwhile.
                : !withdraws && plan is null && version.WeightsSha256 is null
                ? "What its weights are is not noted yet, so nobody knows whose run made them. Starting the program notes it."
                : plan?.Obstacle(results) ?? Against(results, active, withdraws)
                    ?? (judgement is { IsKept: false } ? judgement.Words : null))
        {
            Plan = plan,
            Judgement = judgement,
        };
    }

    // Any refusal stands, whatever a later evaluation on other films says.
    // What returns was accepted by the limits of its time.
    static string? Against(List<GateReport> results, string? active, bool withdraws) =>
        results.Count == 0 ? "The gate has not judged this version: evaluate it on a data set version first."
            : results.Find(r => r.Verdict == GateVerdict.Refused) is { } refused ? $"The gate refuses this version. {refused.Summary}"
            : !results.Exists(r => r.Verdict == GateVerdict.Passed) ? $"The gate has not passed this version. {results[0].Summary}"
            : !withdraws && results.TrueForAll(r => r.Verdict != GateVerdict.Passed || r.HasPassedEarlierLimits)
            ? "The gate passed this version by earlier limits, and asks more by now: evaluate it anew."
            : results.Find(r => r.RivalSha256 == active && active is not null)?.Checks
                .FirstOrDefault(c => c.Name == ModelGate.RivalCheck) is { Verdict: GateVerdict.Refused } inferior
            ? $"It is inferior to the active version. {inferior.Finding}"
            : null;

    /// <summary>Null where it is damaged, or of another model.</summary>
    internal static GateReport? TryRead(GateResult row, ModelVersion version) => GateReport.TryFromJson(row.Evidence, version.Sha256);

    // Two people where there are two who could.
    static async Task<int> DefaultAsync(CovidCxrDbContext db, CancellationToken cancellation) => await (
        from ur in db.UserRoles
        join r in db.Roles on ur.RoleId equals r.Id
        join u in db.Users on ur.UserId equals u.Id
        where r.Name == Role.Admin && !u.IsDisabled
        select u.Id).CountAsync(cancellation) >= Two ? Two : 1;
}

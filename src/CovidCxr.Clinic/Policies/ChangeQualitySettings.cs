using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Policies;

/// <summary>The lead sets how often a second reader is asked and what is an alert; what was in force before is kept.</summary>
public sealed class ChangeQualitySettings(IDbContextFactory<CovidCxrDbContext> contexts, AuditLog audit, TimeProvider time)
{
    /// <summary>The defaults where nobody has set any.</summary>
    public async Task<QualitySettings> CurrentAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await CurrentAsync(db, cancellation);
    }

    internal static async Task<QualitySettings> CurrentAsync(CovidCxrDbContext db, CancellationToken cancellation) =>
        await db.QualitySettings.AsNoTracking().OrderByDescending(s => s.Id).FirstOrDefaultAsync(cancellation)
            ?? new() { ChangedByName = "" };

    /// <returns>Null where they are in force now; otherwise why not.</returns>
    public async Task<string?> RunAsync(
        int secondReadEvery, double largestStabilityIndex, double lowestAgreement, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        var settings = new QualitySettings
        {
            SecondReadEvery = secondReadEvery,
            LargestStabilityIndex = largestStabilityIndex,
            LowestAgreement = lowestAgreement,
            ChangedBy = actor.UserId,
            ChangedByName = actor.UserName,
            ChangedAt = time.GetUtcNow(),
        };
        if (settings.Refusal() is { } refusal)
        {
            return refusal;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var before = await CurrentAsync(db, cancellation);
        db.QualitySettings.Add(settings);
        audit.AddTo(
            db, actor, AuditAction.QualitySettingsChange, AuditOutcome.Succeeded, detail: Words(settings), before: Words(before),
            after: Words(settings));
        await db.SaveChangesAsync(cancellation);
        return null;
    }

    static string Words(QualitySettings s) => FormattableString.Invariant(
        $"second reader for one in {s.SecondReadEvery}, alert above {s.LargestStabilityIndex} and below {s.LowestAgreement}");
}

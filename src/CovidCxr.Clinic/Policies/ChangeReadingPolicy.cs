using System.Security.Cryptography;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Policies;

/// <summary>The lead sets the policy, from a day on and for a reason; what was read under the old one stays as it was.</summary>
public sealed class ChangeReadingPolicy(IDbContextFactory<CovidCxrDbContext> contexts, AuditLog audit, TimeProvider time)
{
    /// <param name="holdsFrom">In UTC; today holds at once.</param>
    /// <returns>Null where it is set down; otherwise why not.</returns>
    public async Task<string?> RunAsync(
        ReadingPolicy policy, string? reason, DateOnly holdsFrom, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        var now = time.GetUtcNow();
        if (ReadingPolicyChange.Refusal(reason, holdsFrom, DateOnly.FromDateTime(now.UtcDateTime)) is { } refusal)
        {
            return refusal;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var before = await db.PolicyChanges.AsNoTracking().OrderBy(c => c.Id).ToListAsync(cancellation);
        var old = ReadingPolicyChange.InForce(before, now)?.Policy ?? ReadingPolicy.BlindedFirst;
        db.PolicyChanges.Add(new ReadingPolicyChange
        {
            Policy = policy,
            // Nobody chooses the days, and the seed in the history tells them afterwards. Who could draw it again by changing the
            // policy anew would choose them.
            Seed = before.FirstOrDefault(c => c.Policy == ReadingPolicy.RandomisedByDay)?.Seed
                ?? RandomNumberGenerator.GetInt32(int.MaxValue),
            ChangedBy = actor.UserId,
            ChangedByName = actor.UserName,
            ChangedAt = now,
            Reason = reason!.Trim(),
            HoldsFrom = holdsFrom,
        });
        audit.AddTo(db, actor, AuditAction.PolicyChange, AuditOutcome.Succeeded, detail: FormattableString.Invariant(
            $"{old} to {policy} from {holdsFrom:yyyy-MM-dd}: {reason.Trim()}"), before: $"{old}", after: $"{policy}");
        await db.SaveChangesAsync(cancellation);
        return null;
    }
}

using System.Security.Cryptography;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Policies;

/// <summary>The lead sets the policy; what was read under the old one stays as it was.</summary>
public sealed class ChangeReadingPolicy(IDbContextFactory<CovidCxrDbContext> contexts, AuditLog audit, TimeProvider time)
{
    public async Task RunAsync(ReadingPolicy policy, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        db.PolicyChanges.Add(new ReadingPolicyChange
        {
            Policy = policy,
            // Nobody chooses the days, and the seed in the history tells them afterwards.
            Seed = RandomNumberGenerator.GetInt32(int.MaxValue),
            ChangedBy = actor.UserId,
            ChangedByName = actor.UserName,
            ChangedAt = time.GetUtcNow(),
        });
        audit.AddTo(db, actor, AuditAction.PolicyChange, AuditOutcome.Succeeded, detail: policy.ToString());
        await db.SaveChangesAsync(cancellation);
    }
}

using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Models;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Acceptance;

/// <summary>Takes an acceptance back: new predictions of the version are called at the shipped threshold again.</summary>
public sealed class WithdrawAcceptance(IDbContextFactory<CovidCxrDbContext> contexts, AuditLog audit, TimeProvider time)
{
    /// <param name="acceptanceId">The one that the person saw in force.</param>
    /// <returns>Null where it is withdrawn, else why not.</returns>
    public async Task<string?> RunAsync(long acceptanceId, string? reason, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead, Role.Admin);
        if (LocalAcceptance.ReasonRefusal(reason) is { } invalid)
        {
            return invalid;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var seen = await db.LocalAcceptances.AsNoTracking().SingleOrDefaultAsync(a => a.Id == acceptanceId, cancellation);
        var isNewest = seen is { IsWithdrawal: false }
            && !await db.LocalAcceptances.AnyAsync(a => a.ModelVersionId == seen.ModelVersionId && a.Id > seen.Id, cancellation);
        if (!isNewest)
        {
            return "This acceptance does not hold any more. Look at the page again.";
        }

        db.LocalAcceptances.Add(new()
        {
            ModelVersionId = seen!.ModelVersionId,
            IsWithdrawal = true,
            Threshold = seen.Threshold,
            Evidence = seen.Evidence,
            EvidenceHash = seen.EvidenceHash,
            Reason = reason!.Trim(),
            AcceptedBy = actor.UserId,
            AcceptedByName = actor.UserName,
            AcceptedAt = time.GetUtcNow(),
        });
        var number = await db.ModelVersions.Where(m => m.Id == seen.ModelVersionId).Select(m => m.Number).SingleAsync(cancellation);
        audit.AddTo(
            db, actor, AuditAction.LocalAcceptance, AuditOutcome.Succeeded, detail: $"{AcceptVersion.NameOf(number)}, withdrawn");
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return null;
    }
}

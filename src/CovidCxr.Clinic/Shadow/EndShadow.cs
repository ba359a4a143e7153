using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Models;
using CovidCxr.Engine.Serving;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Shadow;

/// <summary>Takes the version out of the shadow. What it said stays.</summary>
public sealed class EndShadow(IDbContextFactory<CovidCxrDbContext> contexts, ShadowHost shadow, AuditLog audit, TimeProvider time)
{
    /// <returns>Null where it has ended, else why not.</returns>
    public async Task<string?> RunAsync(Guid periodId, string? reason, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        if (LocalAcceptance.ReasonRefusal(reason) is { } invalid)
        {
            return invalid;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (await db.ShadowPeriods.SingleOrDefaultAsync(p => p.Id == periodId && p.IsOpen, cancellation) is not { } open)
        {
            return "It has ended already. Look at the page again.";
        }

        open.End(time.GetUtcNow(), actor.UserName, reason!.Trim());
        var version = await db.ModelVersions.AsNoTracking().SingleAsync(m => m.Id == open.ModelVersionId, cancellation);
        audit.AddTo(db, actor, AuditAction.ShadowControl, AuditOutcome.Succeeded, detail: $"{StartShadow.NameOf(version)}, ended");
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        await shadow.UnloadAsync(CancellationToken.None);
        return null;
    }
}

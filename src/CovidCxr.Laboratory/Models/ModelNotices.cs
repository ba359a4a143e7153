using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Models;

/// <param name="PeriodId">What is acknowledged.</param>
public sealed record ModelNotice(Guid PeriodId, int Number, string Name, DateTimeOffset From, int BeforeNumber, bool IsRollBack);

/// <summary>The change of the active version that a person has not been told of; null for none. The first version is no change.</summary>
public sealed class GetModelNotice(IDbContextFactory<CovidCxrDbContext> contexts)
{
    public async Task<ModelNotice?> RunAsync(Actor actor, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var last = await (
            from p in db.ModelPeriods
            join m in db.ModelVersions on p.ModelVersionId equals m.Id
            orderby p.Number descending
            select new { p.Id, p.From, p.IsRollBack, m.Number, m.Name }).Take(2).ToListAsync(cancellation);
        return last is [var now, var before]
            && !await db.ModelNotices.AnyAsync(n => n.UserId == actor.UserId && n.PeriodId == now.Id, cancellation)
            ? new(now.Id, now.Number, now.Name, now.From, before.Number, now.IsRollBack)
            : null;
    }
}

/// <summary>Keeps that a person has been told.</summary>
public sealed class AcknowledgeModelNotice(IDbContextFactory<CovidCxrDbContext> contexts, AuditLog audit, TimeProvider time)
{
    public async Task RunAsync(Guid periodId, Actor actor, CancellationToken cancellation)
    {
        actor.Demand([.. Role.All]);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var number = await (
            from p in db.ModelPeriods
            join m in db.ModelVersions on p.ModelVersionId equals m.Id
            where p.Id == periodId
            select (int?)m.Number).SingleOrDefaultAsync(cancellation);
        if (number is not { } known
            || await db.ModelNotices.AnyAsync(n => n.UserId == actor.UserId && n.PeriodId == periodId, cancellation))
        {
            return;
        }

        db.ModelNotices.Add(new() { UserId = actor.UserId, PeriodId = periodId, SeenAt = time.GetUtcNow() });
        audit.AddTo(db, actor, AuditAction.ModelNotice, AuditOutcome.Succeeded, detail: ModelHistory.NameOf(known));
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }
}

using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Hospital.Delivery;

public enum ResultAction
{
    /// <summary>As if it had never been tried.</summary>
    Retry,

    /// <summary>It is not sent.</summary>
    Cancel,

    /// <summary>It was delivered: the destination refused it because it has it, and a person has looked.</summary>
    IsThere,
}

/// <summary>A person tries an object again that was not delivered, stops one that waits, or says that one is there.</summary>
public sealed class ControlResult(IDbContextFactory<CovidCxrDbContext> contexts, AuditLog audit, TimeProvider time)
{
    /// <param name="reason">How the person knows that it is there, without a patient's data; null for the other actions.</param>
    /// <returns>Why not, in words; null where it was done.</returns>
    public async Task<string?> RunAsync(
        Guid id, ResultAction action, Actor actor, CancellationToken cancellation, string? reason = null)
    {
        actor.Demand(Role.Admin);
        if (action == ResultAction.IsThere && StudyChange.Refusal(reason) is { } refusal)
        {
            return refusal;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var now = time.GetUtcNow();
        var result = db.OutgoingResults.Where(r => r.Id == id);
        var done = action switch
        {
            ResultAction.Retry => await result.Where(r => r.State == DeliveryState.Failed || r.State == DeliveryState.Cancelled)
                .ExecuteUpdateAsync(
                    s => s.SetProperty(r => r.State, DeliveryState.Waiting).SetProperty(r => r.Attempts, 0).SetProperty(r => r.Refusals, 0)
                        .SetProperty(r => r.NotBefore, now).SetProperty(r => r.Reason, (string?)null)
                        .SetProperty(r => r.SettledAt, (DateTimeOffset?)null),
                    cancellation),
            ResultAction.Cancel => await result.Where(r => r.State == DeliveryState.Waiting).ExecuteUpdateAsync(
                s => s.SetProperty(r => r.State, DeliveryState.Cancelled).SetProperty(r => r.SettledAt, now)
                    .SetProperty(r => r.Reason, "A person cancelled it."),
                cancellation),
            _ => await result.Where(r => r.State == DeliveryState.Failed && r.Reason == StoreScu.AlreadyThere).ExecuteUpdateAsync(
                s => s.SetProperty(r => r.State, DeliveryState.Delivered).SetProperty(r => r.SettledAt, now)
                    .SetProperty(r => r.Reason, reason!.Trim()).SetProperty(r => r.SentAfterChange, r => r.SentAfterChange ?? 0),
                cancellation),
        };
        if (done == 0)
        {
            return "Its state is another one by now. Look again.";
        }

        var study = await result.Select(r => r.StudyId).SingleAsync(cancellation);
        audit.AddTo(db, actor, AuditAction.ResultControl, AuditOutcome.Succeeded, study, $"{action}: {id:N}");
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return null;
    }
}

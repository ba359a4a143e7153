using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Hospital;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Hospital.Inbox;

public enum ReceivedAnswer
{
    /// <summary>Try again: what it contradicted may have been corrected.</summary>
    Retry,

    /// <summary>File it as it was sent, although it contradicts what is known of the patient.</summary>
    FileAsSent,

    /// <summary>Throw it away. It cannot be got back.</summary>
    Discard,
}

/// <summary>A person's answer for an object in quarantine.</summary>
public sealed class AnswerReceived(IDbContextFactory<CovidCxrDbContext> contexts, ReceivedFiles files, AuditLog audit, TimeProvider time)
{
    /// <returns>Why not, in words; null where it was done.</returns>
    public async Task<string?> RunAsync(Guid id, ReceivedAnswer answer, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var now = time.GetUtcNow();
        var quarantined = db.ReceivedObjects.Where(r => r.Id == id)
            .Where(r => r.State == ReceivedState.Question || (r.State == ReceivedState.Refused && answer != ReceivedAnswer.FileAsSent));
        var done = answer == ReceivedAnswer.Discard
            ? await quarantined.ExecuteUpdateAsync(
                s => s.SetProperty(r => r.State, ReceivedState.Discarded).SetProperty(r => r.SettledAt, now), cancellation)
            : await quarantined.ExecuteUpdateAsync(
                s => s.SetProperty(r => r.State, ReceivedState.Waiting).SetProperty(r => r.Attempts, 0)
                    .SetProperty(r => r.IsConfirmed, r => r.IsConfirmed || answer == ReceivedAnswer.FileAsSent), cancellation);
        if (done == 0)
        {
            return "It is in quarantine no more: somebody else may have answered.";
        }

        audit.AddTo(db, actor, AuditAction.ReceivedObject, AuditOutcome.Succeeded, detail: $"{answer}: {id:N}");
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        if (answer == ReceivedAnswer.Discard)
        {
            files.Delete(id);
        }
        else
        {
            files.Wake();
        }

        return null;
    }
}

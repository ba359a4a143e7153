using CovidCxr.Clinic.Corrections;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Hospital;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Hospital.Hl7;

public enum MessageAnswer
{
    /// <summary>Do what it says, although it contradicts what is known.</summary>
    Apply,

    /// <summary>Nothing is changed.</summary>
    Refuse,
}

/// <summary>A person's answer to a message that contradicts what is known.</summary>
public sealed class AnswerMessage(
    IDbContextFactory<CovidCxrDbContext> contexts, ApplyMessage apply, AuditLog audit, TimeProvider time)
{
    const string Answered = "It waits no more: somebody else may have answered.",
        Overtaken = "A newer message about this patient came since: refuse this one, or correct the films by hand.",
        Otherwise = "Something else speaks against it by now. Look again.";

    /// <returns>Why not, in words; null where it was done.</returns>
    public async Task<string?> RunAsync(Guid id, MessageAnswer answer, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (await OpenAsync(db, id, cancellation) is not { } message)
        {
            return Answered;
        }

        if (answer == MessageAnswer.Apply)
        {
            return await ApplyAsync(db, message, actor, cancellation);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (await SettleAsync(db, id, answer, 0, actor, cancellation) is { } refusal)
        {
            return refusal;
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return null;
    }

    // What was asked about was seen; whatever else speaks against it by now was not.
    async Task<string?> ApplyAsync(CovidCxrDbContext db, ReceivedMessage message, Actor actor, CancellationToken cancellation)
    {
        var result = await RunAsync(isConfirmed: false);
        if (result is ChangeStudyResult.Doubted { Kinds: var kinds })
        {
            if (kinds.Any(k => message.Reason?.Contains(k, StringComparison.Ordinal) != true))
            {
                message.Reason = string.Join(' ', kinds);
                await db.SaveChangesAsync(cancellation);
                return Otherwise;
            }

            result = await RunAsync(isConfirmed: true);
        }

        return result is ChangeStudyResult.Refused refused ? refused.Message : null;

        Task<ChangeStudyResult> RunAsync(bool isConfirmed) => apply.RunAsync(
            message, actor.UserName, isConfirmed,
            (own, films) => SettleAsync(own, message.Id, MessageAnswer.Apply, films, actor, cancellation), cancellation);
    }

    static async Task<bool> IsOvertakenAsync(CovidCxrDbContext db, ReceivedMessage message, CancellationToken cancellation)
    {
        var numbers = new[] { message.Number, message.FormerNumber }.OfType<string>().ToList();
        return await db.ReceivedMessages.AnyAsync(
            m => m.Id != message.Id && m.ReceivedAt > message.ReceivedAt && m.State != MessageState.Dismissed
                && (numbers.Contains(m.Number!) || numbers.Contains(m.FormerNumber!)),
            cancellation);
    }

    static Task<ReceivedMessage?> OpenAsync(CovidCxrDbContext db, Guid id, CancellationToken cancellation) =>
        db.ReceivedMessages.SingleOrDefaultAsync(m => m.Id == id && m.State == MessageState.Question, cancellation);

    async Task<string?> SettleAsync(
        CovidCxrDbContext db, Guid id, MessageAnswer answer, int films, Actor actor, CancellationToken cancellation)
    {
        if (await OpenAsync(db, id, cancellation) is not { } message)
        {
            return Answered;
        }

        if (answer == MessageAnswer.Apply && await IsOvertakenAsync(db, message, cancellation))
        {
            return Overtaken;
        }

        message.State = answer == MessageAnswer.Apply ? MessageState.Applied : MessageState.Dismissed;
        (message.Films, message.SettledAt) = (films, time.GetUtcNow());
        audit.AddTo(db, actor, AuditAction.ReceivedMessage, AuditOutcome.Succeeded, detail: $"{answer}: {id:N}");
        return null;
    }
}

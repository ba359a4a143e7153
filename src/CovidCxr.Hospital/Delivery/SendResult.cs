using System.Collections.Concurrent;
using CovidCxr.Clinic.Answers;
using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Readings;
using CovidCxr.Hospital.Peers;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Hospital.Delivery;

/// <summary>What a turn of sending came to.</summary>
enum SendTurn
{
    /// <summary>Nothing is due, or the destination is stopped.</summary>
    Nothing,

    /// <summary>An object was sent, settled or put off; the next one may go.</summary>
    Done,

    /// <summary>The destination takes nothing now.</summary>
    Unreachable,
}

/// <summary>
/// Sends the next object of a destination. It asks once more whether the answer may leave, makes the object and notes what came of it; the
/// same object under the same UID each time.
/// </summary>
sealed class SendResult(
    IDbContextFactory<CovidCxrDbContext> contexts, ReleasedAnswers answers, MakeResult make, StoreScu scu, StoreFhir fhir, StoreHl7 hl7,
    DataFolder folder, AuditLog audit, TimeProvider time)
{
    /// <summary>Of one object by its destination; then a person is asked.</summary>
    public const int MostRefusals = 5;

    /// <summary>Of one object; with the waits between them about three days.</summary>
    public const int MostAttempts = 450;

    public static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(10), LongestWait = TimeSpan.FromMinutes(10);

    /// <summary>That a destination may ask for by Retry-After.</summary>
    public static readonly TimeSpan LongestAsked = TimeSpan.FromHours(1);

    static readonly TimeSpan HeldBackWait = TimeSpan.FromMinutes(1), Renewal = TimeSpan.FromSeconds(2);

    /// <summary>Until when each destination is left alone, for what is queued meanwhile.</summary>
    readonly ConcurrentDictionary<string, DateTimeOffset> _leftAlone = new();

    /// <summary>
    /// What attempts left behind that a kill ended: files, and answers that may have left without being noted. To be called at the start,
    /// before anything is sent.
    /// </summary>
    public async Task SweepAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var left = await db.OutgoingResults
            .Where(r => r.SentAfterChange != null
                && !db.Disclosures.Any(d => d.StudyId == r.StudyId && d.ReaderId == Disclosure.Everybody))
            .Select(r => new { r.StudyId, At = r.SettledAt ?? r.CreatedAt }).ToListAsync(cancellation);
        foreach (var first in left.GroupBy(r => r.StudyId))
        {
            await Disclosures.NoteLeftAsync(db, first.Key, first.Min(r => r.At), cancellation);
        }

        // Last: a folder that cannot be deleted must not leave unsaid what has left.
        if (Directory.Exists(folder.Outgoing))
        {
            Directory.Delete(folder.Outgoing, recursive: true);
        }
    }

    public async Task<SendTurn> RunAsync(DestinationOptions destination, CancellationToken cancellation)
    {
        if (await ClaimAsync(destination.Name, cancellation) is not { } row)
        {
            return SendTurn.Nothing;
        }

        // Before it is asked whether it may leave: what changes from here on is newer, and the page says so.
        var change = await NewestChangeAsync(row.StudyId, cancellation);
        var answer = await answers.FindAsync(row.StudyId, cancellation);
        switch (answer)
        {
            case AnswerRelease.HeldBack held:
                await PutOffAsync(row, held.Reason);
                return SendTurn.Done;
            case AnswerRelease.Nothing nothing:
                await SettleAsync(row, DeliveryState.Cancelled, nothing.Reason);
                return SendTurn.Done;
            case AnswerRelease.Released released when released.Prediction.Id != row.PredictionId || released.Reading?.Id != row.ReadingId:
                await SettleAsync(row, DeliveryState.Superseded, "The answer is another one by now.");
                return SendTurn.Done;
            default:
                return await SendAsync(row, change, destination, (AnswerRelease.Released)answer, cancellation);
        }
    }

    async Task<long> NewestChangeAsync(Guid study, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await db.StudyChanges.Where(c => c.StudyId == study).MaxAsync(c => (long?)c.Id, cancellation) ?? 0;
    }

    async Task<SendTurn> SendAsync(
        OutgoingResult row, long change, DestinationOptions destination, AnswerRelease.Released released, CancellationToken cancellation)
    {
        var (file, reason) = await make.RunAsync(row, destination, released, cancellation);
        if (file is null)
        {
            await SettleAsync(row, DeliveryState.Cancelled, reason!);
            return SendTurn.Done;
        }

        var wasSent = row.SentAfterChange is not null;
        // Whoever locks an opinion while it is sent may have seen it there.
        var at = time.GetUtcNow();
        StoreResult result;
        try
        {
            result = await SendMarkedAsync(row, change, destination, file, cancellation);
        }
        catch (Exception e)
        {
            // Whatever it is: what was marked may be there.
            await NoteLeftAsync(row, at);
            if (e is IOException or UnauthorizedAccessException or OperationCanceledException)
            {
                // Nothing that the destination did: a full disk, or the program stops.
                await PutOffAsync(row, "This program could not send it: it was stopped, or its disk takes nothing.", keepsWait: true);
            }

            throw;
        }

        // From here on nobody stops it: what was delivered is noted.
        if (!wasSent && !result.MayBeThere)
        {
            await MarkAsync(row, null);
        }

        await NoteLeftAsync(row, at);
        await NoteAsync(row, result);
        return result.Answer == StoreAnswer.Unreachable ? SendTurn.Unreachable : SendTurn.Done;
    }

    async Task<StoreResult> SendMarkedAsync(
        OutgoingResult row, long change, DestinationOptions destination, byte[] file, CancellationToken cancellation)
    {
        // Should this process be killed after the mark, it may be there.
        var mark = row.SentAfterChange ?? change;
        if (!destination.IsDicom)
        {
            await MarkAsync(row, mark);
            return await LeasedAsync(
                row,
                () => destination.IsFhir
                    ? fhir.SendAsync(destination, file, row.InstanceUid, cancellation)
                    : hl7.SendAsync(destination, file, row.InstanceUid, cancellation));
        }

        Directory.CreateDirectory(folder.Outgoing);
        var path = Path.Combine(folder.Outgoing, row.Id.ToString("N"));
        try
        {
            await File.WriteAllBytesAsync(path, file, cancellation);
            await MarkAsync(row, mark);
            return await LeasedAsync(row, () => scu.SendAsync(destination, path, cancellation));
        }
        finally
        {
            File.Delete(path);
        }
    }

    async Task<StoreResult> LeasedAsync(OutgoingResult row, Func<Task<StoreResult>> send)
    {
        using var done = new CancellationTokenSource();
        var renewing = RenewAsync(row, done.Token);
        try
        {
            return await send();
        }
        finally
        {
            await done.CancelAsync();
            // Where it could not be renewed, another program may have sent the same object under the same UID.
            await renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    async Task MarkAsync(OutgoingResult row, long? change)
    {
        await using var db = await contexts.CreateDbContextAsync();
        await db.OutgoingResults.Where(r => r.Id == row.Id).ExecuteUpdateAsync(s => s.SetProperty(r => r.SentAfterChange, change));
        row.SentAfterChange = change;
    }

    // As long as it is sent, no other program on this database finds it due, however slow the destination is.
    async Task RenewAsync(OutgoingResult row, CancellationToken done)
    {
        while (true)
        {
            var next = time.GetUtcNow() + FirstWait;
            await using (var db = await contexts.CreateDbContextAsync(done))
            {
                await db.OutgoingResults.Where(r => r.Id == row.Id && r.State == DeliveryState.Waiting && r.NotBefore < next)
                    .ExecuteUpdateAsync(s => s.SetProperty(r => r.NotBefore, next), done);
            }

            await Task.Delay(Renewal, done);
        }
    }

    /// <summary>Takes the oldest that is due, and puts it off for the case that this process ends now.</summary>
    async Task<OutgoingResult?> ClaimAsync(string destination, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (_leftAlone.TryGetValue(destination, out var until) && now < until)
        {
            return null;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (!await db.ResultDestinations.AnyAsync(d => d.Name == destination && !d.IsStopped, cancellation))
        {
            return null;
        }

        // What refers to the picture goes when that is there.
        var due = db.OutgoingResults.Where(r => r.Destination == destination && r.State == DeliveryState.Waiting && r.NotBefore <= now
            && (r.Kind != ResultKind.KeyObjects || !db.OutgoingResults.Any(o => o.StudyId == r.StudyId && o.Destination == destination
                && o.Version == r.Version && o.Kind != ResultKind.KeyObjects
                && (o.State == DeliveryState.Waiting || o.State == DeliveryState.Failed))));
        if (await due.AsNoTracking().OrderBy(r => r.Id).FirstOrDefaultAsync(cancellation) is not { } row)
        {
            return null;
        }

        if (row.Refusals >= MostRefusals)
        {
            await SettleAsync(row, DeliveryState.Failed, $"It ended in an error {MostRefusals} times; the program's log says when.");
            return null;
        }

        // An object that ends the attempt, or the program, must not do so for ever: it counts as refused until something else is known.
        var next = now + Wait(row.Attempts);
        row.Attempts++;
        return await due.Where(r => r.Id == row.Id).ExecuteUpdateAsync(
            s => s.SetProperty(r => r.Attempts, row.Attempts).SetProperty(r => r.Refusals, row.Refusals + 1)
                .SetProperty(r => r.NotBefore, next),
            cancellation) == 1
            ? row
            : null;
    }

    static TimeSpan Wait(int attempts) =>
        attempts < 10 && FirstWait * (1 << attempts) is var wait && wait < LongestWait ? wait : LongestWait;

    /// <param name="at">Before it was sent: from then on it may have been there.</param>
    async Task NoteLeftAsync(OutgoingResult row, DateTimeOffset at)
    {
        if (row.SentAfterChange is not null)
        {
            await using var db = await contexts.CreateDbContextAsync();
            await Disclosures.NoteLeftAsync(db, row.StudyId, at, CancellationToken.None);
        }
    }

    async Task NoteAsync(OutgoingResult row, StoreResult result)
    {
        row.Refusals += result.Answer == StoreAnswer.Refused ? 1 : 0;
        await (result.Answer switch
        {
            StoreAnswer.Taken => SettleAsync(row, DeliveryState.Delivered, null),
            _ when row.Refusals >= MostRefusals => SettleAsync(row, DeliveryState.Failed, result.Reason),
            _ when row.Attempts >= MostAttempts => SettleAsync(row, DeliveryState.Failed, result.Reason),
            _ => PutOffAsync(row, result.Reason, keepsWait: true),
        });
        if (result.RetryAfter is { } wait && wait > TimeSpan.Zero)
        {
            await LeaveAloneAsync(row.Destination, wait < LongestAsked ? wait : LongestAsked);
        }
    }

    /// <summary>Nothing that waits for the destination, or is queued meanwhile, is due before. A restart forgets the latter.</summary>
    async Task LeaveAloneAsync(string destination, TimeSpan wait)
    {
        var next = time.GetUtcNow() + wait;
        _leftAlone[destination] = next;
        await using var db = await contexts.CreateDbContextAsync();
        await db.OutgoingResults
            .Where(r => r.Destination == destination && r.State == DeliveryState.Waiting && r.NotBefore < next)
            .ExecuteUpdateAsync(s => s.SetProperty(r => r.NotBefore, next));
    }

    async Task PutOffAsync(OutgoingResult row, string reason, bool keepsWait = false)
    {
        await using var db = await contexts.CreateDbContextAsync();
        var next = time.GetUtcNow() + (keepsWait ? Wait(row.Attempts - 1) : HeldBackWait);
        // What is held back was not attempted.
        var attempts = keepsWait ? row.Attempts : row.Attempts - 1;
        await db.OutgoingResults.Where(r => r.Id == row.Id && r.State == DeliveryState.Waiting).ExecuteUpdateAsync(
            s => s.SetProperty(r => r.Reason, reason).SetProperty(r => r.NotBefore, next).SetProperty(r => r.Attempts, attempts)
                .SetProperty(r => r.Refusals, row.Refusals));
    }

    async Task SettleAsync(OutgoingResult row, DeliveryState state, string? reason)
    {
        await using var db = await contexts.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var now = time.GetUtcNow();
        // What is there is there, whatever was decided meanwhile.
        var settled = await db.OutgoingResults
            .Where(r => r.Id == row.Id && (r.State == DeliveryState.Waiting || state == DeliveryState.Delivered))
            .ExecuteUpdateAsync(
                s => s.SetProperty(r => r.State, state).SetProperty(r => r.Reason, reason).SetProperty(r => r.SettledAt, now)
                    .SetProperty(r => r.Refusals, row.Refusals));
        if (settled == 1 && state is DeliveryState.Delivered or DeliveryState.Failed)
        {
            audit.AddTo(
                db, actor: null, AuditAction.ResultDelivery,
                state == DeliveryState.Delivered ? AuditOutcome.Succeeded : AuditOutcome.Failed, row.StudyId,
                $"{row.Kind}, version {row.Version}, to {row.Destination}");
        }

        await db.SaveChangesAsync();
        await transaction.CommitAsync();
    }
}

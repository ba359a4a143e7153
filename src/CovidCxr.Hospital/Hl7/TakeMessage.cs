using CovidCxr.Clinic.Corrections;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Hospital;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Hospital.Hl7;

/// <summary>
/// Does what a message says, or keeps it for a person. The message and what it changes are committed together, before it is acknowledged:
/// so one that comes again changes nothing, wherever a kill fell.
/// </summary>
sealed class TakeMessage(IDbContextFactory<CovidCxrDbContext> contexts, ApplyMessage apply, AuditLog audit, TimeProvider time)
{
    /// <summary>Then a message about nobody here is forgotten: most are.</summary>
    public static readonly TimeSpan UnneededKept = TimeSpan.FromDays(90);

    static readonly TimeSpan Day = TimeSpan.FromDays(1);

    DateTimeOffset _lastForgot;

    /// <param name="host">The address that it came from.</param>
    /// <returns>Why it is not taken; null where it is.</returns>
    public async Task<Hl7Error?> RunAsync(AdtMessage message, string host, CancellationToken cancellation)
    {
        if (await FindAsync(message, cancellation) is { } known)
        {
            return Judge(known, message);
        }

        await ForgetAsync(cancellation);
        try
        {
            return await TakeAsync(message, host, cancellation);
        }
        catch (DbUpdateException)
        {
            // Its other copy came at the same moment, by another connection; or the database is not well.
            if (await FindAsync(message, cancellation) is not { } other)
            {
                throw;
            }

            return Judge(other, message);
        }
    }

    async Task<string?> FindAsync(AdtMessage message, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await db.ReceivedMessages
            .Where(m => m.Application == message.Application && m.Facility == message.Facility && m.ControlId == message.ControlId)
            .Select(m => m.Sha256).SingleOrDefaultAsync(cancellation);
    }

    static Hl7Error? Judge(string known, AdtMessage message) => known == message.Sha256
        ? null
        : new(Hl7Error.Error, Hl7Error.DuplicateKey, "Another message came under the same control id.", "MSH^1^10");

    async Task<Hl7Error?> TakeAsync(AdtMessage message, string host, CancellationToken cancellation)
    {
        if (await NeedlessAsync(message, cancellation) is { } why)
        {
            await KeepAsync(Row(message, host, isNeeded: false), MessageState.Unneeded, why, cancellation);
            return null;
        }

        var row = Row(message, host, isNeeded: true);
        var result = await apply.RunAsync(row, answeredBy: null, isConfirmed: false, WriteAsync, cancellation);
        switch (result)
        {
            case ChangeStudyResult.Doubted doubted:
                await KeepAsync(row, MessageState.Question, string.Join(' ', doubted.Kinds), cancellation);
                return null;
            case ChangeStudyResult.Refused refused:
                return new(Hl7Error.Error, Hl7Error.DataType, refused.Message);
            default:
                return null;
        }

        Task<string?> WriteAsync(CovidCxrDbContext db, int films)
        {
            (row.State, row.Films, row.SettledAt) = (films > 0 ? MessageState.Applied : MessageState.Unneeded, films, time.GetUtcNow());
            row.Reason = films > 0 ? null : "The films say so already.";
            db.ReceivedMessages.Add(row);
            return Task.FromResult<string?>(null);
        }
    }

    async Task<string?> NeedlessAsync(AdtMessage message, CancellationToken cancellation)
    {
        var isMerge = message.Kind == MessageKind.Merge;
        if (message.Number is not { } number || (isMerge && message.FormerNumber is null))
        {
            return "It names no number of the authority that counts.";
        }

        if (isMerge && number.Equals(message.FormerNumber, StringComparison.OrdinalIgnoreCase))
        {
            return "Both numbers are the same.";
        }

        var moved = isMerge ? message.FormerNumber : number;
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await db.AllStudies.AnyAsync(s => s.PatientNumber == moved, cancellation) ? null : "No film stands under the number.";
    }

    ReceivedMessage Row(AdtMessage message, string host, bool isNeeded) => new()
    {
        ReceivedAt = time.GetUtcNow(),
        Application = message.Application,
        Facility = message.Facility,
        Host = host,
        ControlId = message.ControlId,
        Sha256 = message.Sha256,
        Event = message.Event,
        Kind = message.Kind,
        Number = isNeeded ? message.Number : null,
        FormerNumber = isNeeded ? message.FormerNumber : null,
        Sex = isNeeded ? message.Sex : default,
        BirthDate = isNeeded ? message.BirthDate : null,
    };

    async Task KeepAsync(ReceivedMessage row, MessageState state, string reason, CancellationToken cancellation)
    {
        (row.State, row.Reason) = (state, reason);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        db.ReceivedMessages.Add(row);
        if (state == MessageState.Question)
        {
            audit.AddTo(
                db, actor: null, AuditAction.ReceivedMessage, AuditOutcome.Refused, detail: $"question: {row.Id:N} of {row.Application}");
        }
        else
        {
            row.SettledAt = time.GetUtcNow();
        }

        await db.SaveChangesAsync(cancellation);
    }

    async Task ForgetAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (now - _lastForgot < Day)
        {
            return;
        }

        _lastForgot = now;
        var last = now - UnneededKept;
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await db.ReceivedMessages.Where(m => m.State == MessageState.Unneeded && m.ReceivedAt < last).ExecuteDeleteAsync(cancellation);
    }
}

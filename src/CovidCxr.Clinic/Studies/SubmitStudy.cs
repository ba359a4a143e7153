using System.Security.Cryptography;
using System.Text.Json;
using CovidCxr.Domain.Accounts;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Studies;

/// <param name="Answer">Whose word counts where the fields contradict the file's header.</param>
/// <param name="IsConfirmed">A person has seen what speaks against the patient number.</param>
public sealed record SubmitStudyRequest(byte[] Content, StudyDetails Details, HeaderAnswer Answer, bool IsConfirmed)
{
    internal byte[] Hash() => SHA256.HashData(
        [.. SHA256.HashData(Content), .. JsonSerializer.SerializeToUtf8Bytes((Details, Answer, IsConfirmed), Format)]);

    static readonly JsonSerializerOptions Format = new() { IncludeFields = true };
}

/// <summary>What became of a film that another program sent.</summary>
public abstract record SubmitStudyResult
{
    private SubmitStudyResult()
    {
    }

    public sealed record Answered(ImportStudyResult Import) : SubmitStudyResult;

    /// <summary>The key stands for another request; nothing was stored.</summary>
    public sealed record KeyUsed : SubmitStudyResult;

    /// <summary>The same request under the same key is still being worked on; nothing was stored by this one.</summary>
    public sealed record BeingTaken : SubmitStudyResult;
}

/// <summary>
/// Takes a film from another program. What the file's header says is taken, unless the fields contradict it. A key stands for one request
/// from the moment that it comes: two at once under one key never store two films. What stored nothing leaves the key free again; what
/// stored something has the same answer for a day.
/// </summary>
public sealed class SubmitStudy(IDbContextFactory<CovidCxrDbContext> contexts, ImportStudy import, TimeProvider time)
{
    // No film takes as long. A program that died over one has left the key behind.
    static readonly TimeSpan Kept = TimeSpan.FromDays(1), GivenUp = TimeSpan.FromMinutes(10);

    /// <param name="key">The client's own; null for none.</param>
    public async Task<SubmitStudyResult> RunAsync(
        SubmitStudyRequest request, string? key, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Program);
        if (key is null)
        {
            return new SubmitStudyResult.Answered(await ImportAsync(request, actor, cancellation));
        }

        var reserved = new ApiSubmission
        {
            ClientId = actor.UserId,
            Key = key,
            RequestHash = request.Hash(),
            At = time.GetUtcNow(),
        };
        if (!await ReserveAsync(reserved, cancellation))
        {
            return await KnownAsync(reserved, cancellation);
        }

        ImportStudyResult? result = null;
        try
        {
            result = await ImportAsync(request, actor, cancellation);
            return new SubmitStudyResult.Answered(result);
        }
        finally
        {
            // The film is stored, or is not, whoever hangs up.
            await SettleAsync(reserved, result);
        }
    }

    async Task<ImportStudyResult> ImportAsync(SubmitStudyRequest request, Actor actor, CancellationToken cancellation)
    {
        var result = await import.RunAsync(
            request.Content, request.Details, actor, cancellation, request.Answer, request.IsConfirmed);
        return result is ImportStudyResult.Asked { Conflicts.Count: 0 }
            ? await import.RunAsync(request.Content, request.Details, actor, cancellation, HeaderAnswer.File, request.IsConfirmed)
            : result;
    }

    /// <returns>False where the key stands for a request already, be it this one.</returns>
    async Task<bool> ReserveAsync(ApiSubmission mine, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var (oldest, givenUp) = (mine.At - Kept, mine.At - GivenUp);
        await db.ApiSubmissions
            .Where(s => s.ClientId == mine.ClientId && (s.At <= oldest || (s.StudyId == Guid.Empty && s.At <= givenUp)))
            .ExecuteDeleteAsync(cancellation);
        return await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO "ApiSubmissions" ("ClientId", "Key", "RequestHash", "StudyId", "IsNew", "At")
            VALUES ({mine.ClientId}, {mine.Key}, {mine.RequestHash}, {Guid.Empty}, {false}, {mine.At.UtcTicks}) ON CONFLICT DO NOTHING
            """,
            cancellation) == 1;
    }

    async Task<SubmitStudyResult> KnownAsync(ApiSubmission mine, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var known = await db.ApiSubmissions.AsNoTracking()
            .SingleOrDefaultAsync(s => s.ClientId == mine.ClientId && s.Key == mine.Key, cancellation);
        if (known is not null && !known.RequestHash.AsSpan().SequenceEqual(mine.RequestHash))
        {
            return new SubmitStudyResult.KeyUsed();
        }

        // Or let go a moment ago: sent again, it is taken.
        return known is null || known.StudyId == Guid.Empty
            ? new SubmitStudyResult.BeingTaken()
            : new SubmitStudyResult.Answered(
                known.IsNew ? new ImportStudyResult.Imported(known.StudyId) : new ImportStudyResult.Duplicate(known.StudyId));
    }

    async Task SettleAsync(ApiSubmission mine, ImportStudyResult? result)
    {
        var stored = result switch
        {
            ImportStudyResult.Imported imported => imported.StudyId,
            ImportStudyResult.Duplicate duplicate => duplicate.StudyId,
            _ => (Guid?)null,
        };
        await using var db = await contexts.CreateDbContextAsync();
        var reserved = db.ApiSubmissions.Where(s =>
            s.ClientId == mine.ClientId && s.Key == mine.Key && s.RequestHash == mine.RequestHash && s.At == mine.At);
        _ = stored is { } study
            ? await reserved.ExecuteUpdateAsync(s => s
                .SetProperty(x => x.StudyId, study).SetProperty(x => x.IsNew, result is ImportStudyResult.Imported))
            : await reserved.ExecuteDeleteAsync();
    }
}

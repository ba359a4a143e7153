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

/// <summary>
/// Takes a film from another program. What the file's header says is taken, unless the fields contradict it. Sent again under the same key,
/// the same request has the same answer for a day.
/// </summary>
public sealed class SubmitStudy(IDbContextFactory<CovidCxrDbContext> contexts, ImportStudy import, TimeProvider time)
{
    static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    /// <param name="key">The client's own; null for none.</param>
    /// <returns>Null where the key stands for another request.</returns>
    public async Task<ImportStudyResult?> RunAsync(
        SubmitStudyRequest request, string? key, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Program);
        var hash = request.Hash();
        if (key is not null && await FindAsync(actor.UserId, key, cancellation) is { } known)
        {
            return (known.RequestHash.AsSpan().SequenceEqual(hash), known.IsNew) switch
            {
                (false, _) => null,
                (_, true) => new ImportStudyResult.Imported(known.StudyId),
                _ => new ImportStudyResult.Duplicate(known.StudyId),
            };
        }

        var result = await import.RunAsync(
            request.Content, request.Details, actor, cancellation, request.Answer, request.IsConfirmed);
        if (result is ImportStudyResult.Asked { Conflicts.Count: 0 })
        {
            result = await import.RunAsync(
                request.Content, request.Details, actor, cancellation, HeaderAnswer.File, request.IsConfirmed);
        }

        var stored = result switch
        {
            ImportStudyResult.Imported imported => imported.StudyId,
            ImportStudyResult.Duplicate duplicate => duplicate.StudyId,
            _ => (Guid?)null,
        };
        if (key is not null && stored is { } study)
        {
            await RememberAsync(actor.UserId, key, hash, study, result is ImportStudyResult.Imported);
        }

        return result;
    }

    async Task<ApiSubmission?> FindAsync(Guid client, string key, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var oldest = time.GetUtcNow() - Kept;
        return await db.ApiSubmissions.AsNoTracking()
            .SingleOrDefaultAsync(s => s.ClientId == client && s.Key == key && s.At > oldest, cancellation);
    }

    // The film is stored, whoever hangs up. Two requests at once store it once: the pixels say that it is one.
    async Task RememberAsync(Guid client, string key, byte[] hash, Guid study, bool isNew)
    {
        await using var db = await contexts.CreateDbContextAsync();
        var now = time.GetUtcNow();
        var oldest = now - Kept;
        await db.ApiSubmissions.Where(s => s.ClientId == client && s.At <= oldest).ExecuteDeleteAsync();
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT OR IGNORE INTO "ApiSubmissions" ("ClientId", "Key", "RequestHash", "StudyId", "IsNew", "At")
            VALUES ({client}, {key}, {hash}, {study}, {isNew}, {now.UtcTicks})
            """);
    }
}

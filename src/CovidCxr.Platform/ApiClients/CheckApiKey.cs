using System.Security.Cryptography;
using CovidCxr.Domain.Accounts;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.ApiClients;

/// <summary>Whose key this is.</summary>
public sealed class CheckApiKey(IDbContextFactory<CovidCxrDbContext> contexts, TimeProvider time)
{
    static readonly byte[] NoHash = new byte[SHA256.HashSizeInBytes];

    /// <returns>Null for a key that is unknown, wrong, expired or revoked; nobody is told which.</returns>
    public async Task<ApiClient?> RunAsync(string text, CancellationToken cancellation)
    {
        if (ApiKey.Read(text) is not { } key)
        {
            return null;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var now = time.GetUtcNow();
        var client = await db.ApiClients.AsNoTracking().SingleOrDefaultAsync(c => c.Prefix == key.Prefix, cancellation);
        // In the same time, whether the beginning is known or not, and however much of the rest is right.
        var isRight = CryptographicOperations.FixedTimeEquals(key.Hash, client?.KeyHash ?? NoHash);
        if (client is null || !isRight || !client.IsUsableAt(now))
        {
            return null;
        }

        // To the minute: a row that every request writes would make them wait for each other.
        if (client.LastUsedAt is not { } last || now - last >= TimeSpan.FromMinutes(1))
        {
            await db.ApiClients.Where(c => c.Id == client.Id)
                .ExecuteUpdateAsync(s => s.SetProperty(c => c.LastUsedAt, now), cancellation);
        }

        return client;
    }
}

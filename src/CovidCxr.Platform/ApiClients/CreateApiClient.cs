using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.ApiClients;

/// <param name="Key">To be shown once; null where the client was refused.</param>
/// <param name="Refusal">Why, in words; null where it was created.</param>
public sealed record CreateApiClientResult(string? Key, string? Refusal);

/// <summary>Lets another program in, with a key that is shown this once.</summary>
public sealed class CreateApiClient(IDbContextFactory<CovidCxrDbContext> contexts, AuditLog audit, TimeProvider time)
{
    public const int MaxDays = 730;

    /// <param name="days">Until the key expires, 1 to <see cref="MaxDays"/>.</param>
    public async Task<CreateApiClientResult> RunAsync(
        string? name, IReadOnlyCollection<string> scopes, int days, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        var words = name?.Trim() ?? "";
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var now = time.GetUtcNow();
        var names = await db.ApiClients.Where(c => c.RevokedAt == null && c.ExpiresAt > now).Select(c => c.Name).ToListAsync(cancellation);
        if (Refusal(words, scopes, days, names) is { } refusal)
        {
            return new(null, refusal);
        }

        var key = ApiKey.Draw();
        var client = new ApiClient
        {
            Name = words,
            Prefix = key.Prefix,
            KeyHash = key.Hash,
            Scopes = [.. ApiScope.All.Where(scopes.Contains)],
            CreatedByName = actor.UserName,
            CreatedAt = now,
            ExpiresAt = now.AddDays(days),
        };
        db.ApiClients.Add(client);
        audit.AddTo(
            db, actor, AuditAction.ApiClientChange, AuditOutcome.Succeeded,
            detail: $"Create: {client.Name}, {client.Prefix}: {string.Join(", ", client.Scopes)}");
        await db.SaveChangesAsync(cancellation);
        return new(key.Text, null);
    }

    static string? Refusal(string name, IReadOnlyCollection<string> scopes, int days, List<string> names) => name switch
    {
        { Length: 0 or > ApiClient.MaxName } => $"Give a name of 1 to {ApiClient.MaxName} characters.",
        _ when name.Any(char.IsControl) => "The name must be on one line.",
        _ when names.Contains(name, StringComparer.OrdinalIgnoreCase) =>
            "A client of this name has a key that works. Revoke it, or choose another name.",
        _ when scopes.Count == 0 || !scopes.All(ApiScope.All.Contains) => "Choose what it may do.",
        _ when days is < 1 or > MaxDays => $"The key must expire in 1 to {MaxDays} days.",
        _ => null,
    };
}

using System.Collections.Concurrent;
using System.Text.Json;
using CovidCxr.Platform.Accounts;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace CovidCxr.Web.Shared.Security;

/// <param name="Subject">Whose sessions end; null where the session alone is named.</param>
/// <param name="Session">The provider's session; null for all of the person's.</param>
sealed record LogoutToken(string? Subject, string? Session);

/// <summary>
/// What a provider sends from server to server to end sessions (OpenID Connect Back-Channel Logout 1.0, section 2.4), looked at as section
/// 2.6 says. Each counts once. What was taken is kept in memory: after a restart a token could end the same sessions again, for the minutes
/// that it lasts.
/// </summary>
sealed class LogoutTokens(TimeProvider time)
{
    const string EventType = "http://schemas.openid.net/event/backchannel-logout";

    // From being issued. Section 2.4 asks for two minutes; clocks differ.
    static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(3);

    // Whoever sends tokens of unknown keys has the provider asked this often, and no more.
    static readonly TimeSpan AskEvery = TimeSpan.FromMinutes(1);

    readonly ConcurrentDictionary<(string Issuer, string Id), DateTimeOffset> _taken = new();
    readonly Lock _gate = new();
    readonly Dictionary<string, (DateTimeOffset At, Task<OpenIdConnectConfiguration?> Metadata)> _anew = [];

    /// <param name="readAnew">Asks the provider once more: the token may be of a key that <paramref name="metadata"/> lacks.</param>
    /// <returns>Null where it is not right in every respect, or was taken before.</returns>
    public async Task<LogoutToken?> TakeAsync(
        string token, ProviderOptions provider, OpenIdConnectConfiguration metadata, Func<Task<OpenIdConnectConfiguration?>> readAnew)
    {
        var handler = new JsonWebTokenHandler { MapInboundClaims = false };
        if (KeyOf(token, handler) is { Length: > 0 } key && metadata.SigningKeys.All(k => k.KeyId != key))
        {
            metadata = await ReadAsync(provider, readAnew) ?? metadata;
        }

        var rules = IdentityProviders.Rules(provider.ClientId);
        (rules.ValidIssuer, rules.IssuerSigningKeys) = (metadata.Issuer, metadata.SigningKeys);
        // Older providers set no expiry; the moment of issue bounds it for all.
        rules.RequireExpirationTime = false;
        var result = await handler.ValidateTokenAsync(token, rules);
        if (!result.IsValid || result.SecurityToken is not JsonWebToken logout || logout.TryGetPayloadValue<object>("nonce", out _)
            || !IsLogout(logout) || logout.Id is not { Length: > 0 and <= 256 } id)
        {
            return null;
        }

        var (now, subject) = (time.GetUtcNow(), Value(logout, "sub"));
        var session = Value(logout, "sid");
        if ((subject ?? session) is null || !logout.TryGetPayloadValue<long>("iat", out _) || (now - logout.IssuedAt).Duration() > Lifetime)
        {
            return null;
        }

        foreach (var old in _taken.Where(t => now - t.Value > 2 * Lifetime))
        {
            _taken.TryRemove(old);
        }

        return _taken.TryAdd((provider.Issuer, id), now) ? new(subject, session) : null;
    }

    // Providers change their keys; one that came meanwhile is asked for once, whoever waits.
    Task<OpenIdConnectConfiguration?> ReadAsync(ProviderOptions provider, Func<Task<OpenIdConnectConfiguration?>> readAnew)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (!_anew.TryGetValue(provider.Id, out var last) || now - last.At >= AskEvery)
            {
                _anew[provider.Id] = last = (now, readAnew());
            }

            return last.Metadata;
        }
    }

    /// <returns>Null where it cannot be read, as not all can that look like a token.</returns>
    static string? KeyOf(string token, JsonWebTokenHandler handler)
    {
        try
        {
            return handler.CanReadToken(token) ? handler.ReadJsonWebToken(token).Kid : null;
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException)
        {
            return null;
        }
    }

    static bool IsLogout(JsonWebToken token) =>
        token.TryGetPayloadValue<JsonElement>("events", out var events) && events.ValueKind == JsonValueKind.Object
        && events.TryGetProperty(EventType, out var logout) && logout.ValueKind == JsonValueKind.Object;

    static string? Value(JsonWebToken token, string claim) =>
        token.TryGetPayloadValue<string>(claim, out var value) && value.Length > 0 ? value : null;
}

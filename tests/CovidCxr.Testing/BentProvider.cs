using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Testing;

/// <summary>
/// An identity provider in this process that asks nobody for anything: whoever comes is <see cref="Person"/>. Its tokens are written by
/// hand, so that each part of its protocol can be bent by itself.
/// </summary>
public sealed class BentProvider : IAsyncDisposable
{
    public const string ClientId = "covidcxr", Secret = "a-secret-between-two-programs";

    readonly WebApplication _app;
    RSA _key = RSA.Create(2048);
    string _keyId = "1";
    int _keysAsked;
    readonly ConcurrentDictionary<string, (string? Nonce, string? Challenge)> _codes = new();

    BentProvider(WebApplication app) => _app = app;

    public string Issuer => _app.Urls.First();

    /// <summary>The claims of the next ID token, beside those of the protocol.</summary>
    public JsonObject Person { get; set; } = [];

    public Action<JsonObject> BendMetadata { get; set; } = _ => { };

    /// <summary>The parameters that the browser brings back.</summary>
    public Action<Dictionary<string, string?>> BendAnswer { get; set; } = _ => { };

    public Action<JsonObject> BendClaims { get; set; } = _ => { };

    /// <summary>Makes the token of its claims; as it should be, unless it is another.</summary>
    public Func<BentProvider, JsonObject, string> Sign { get; set; } = (provider, claims) => provider.SignRight(claims);

    /// <summary>Whether it answers another program's code, too, and one that was used.</summary>
    public bool IsCareless { get; set; }

    /// <summary>What browsers asked it for, the newest last.</summary>
    public ConcurrentQueue<(string Path, Dictionary<string, string> Query)> Asked { get; } = new();

    /// <summary>Every token that it gave away. A code is worth nothing without what the program alone knows.</summary>
    public ConcurrentQueue<string> Given { get; } = new();

    /// <summary>How often its keys were asked for.</summary>
    public int KeysAsked => Volatile.Read(ref _keysAsked);

    /// <summary>From now on it signs with another, and tells that one alone.</summary>
    public void ChangeKey()
    {
        _key.Dispose();
        (_key, _keyId) = (RSA.Create(2048), "2");
    }

    public static async Task<BentProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var provider = new BentProvider(app);
        app.MapGet("/.well-known/openid-configuration", () => provider.Metadata());
        app.MapGet("/keys", () => provider.Keys());
        app.MapGet("/authorize", (HttpContext context) => provider.Authorize(context));
        app.MapPost("/token", (Delegate)((HttpContext context) => provider.RedeemAsync(context)));
        app.MapGet("/end", (HttpContext context) => provider.End(context));
        await app.StartAsync();
        return provider;
    }

    /// <summary>The settings of the program that believes it.</summary>
    public (string Key, string Value)[] Settings(params (string Key, string Value)[] more) =>
        OptionsOf(0, "bent", "Bent", Issuer, ClientId, Secret, more);

    public static (string Key, string Value)[] OptionsOf(
        int index, string id, string name, string authority, string client, string secret, params (string Key, string Value)[] more) =>
    [
        .. new (string Key, string Value)[]
        {
            ("Id", id), ("Name", name), ("Authority", authority), ("ClientId", client), ("ClientSecret", secret),
        }.Concat(more).Select(s => ($"Accounts:Providers:{index}:{s.Key}", s.Value)),
    ];

    public string SignRight(JsonObject claims) => Join(new() { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = _keyId }, claims, text =>
        _key.SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    /// <summary>By a key that it never published.</summary>
    public static string SignByAnother(JsonObject claims, string keyId = "1")
    {
        using var other = RSA.Create(2048);
        return Join(new() { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = keyId }, claims, text =>
            other.SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    public static string SignNot(JsonObject claims) => Join(new() { ["alg"] = "none", ["typ"] = "JWT" }, claims, _ => []);

    /// <summary>As it should be, but for the signature, which is cut off.</summary>
    public string SignHalf(JsonObject claims) => SignRight(claims)[..(SignRight(claims).LastIndexOf('.') + 1)];

    /// <summary>With the public key as if it were a shared secret.</summary>
    public string SignByPublicKey(JsonObject claims) => Join(new() { ["alg"] = "HS256", ["typ"] = "JWT", ["kid"] = "1" }, claims, text =>
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(_key.ExportSubjectPublicKeyInfoPem()), text));

    /// <summary>With the client's secret, which the provider knows rightly.</summary>
    public static string SignBySecret(JsonObject claims) => Join(new() { ["alg"] = "HS256", ["typ"] = "JWT" }, claims, text =>
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), text));

    /// <summary>A token that ends sessions.</summary>
    public string LogoutToken(Action<JsonObject> bend)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        JsonObject claims = new()
        {
            ["iss"] = Issuer,
            ["aud"] = ClientId,
            ["iat"] = now,
            ["exp"] = now + 120,
            ["jti"] = Guid.NewGuid().ToString(),
            ["events"] = new JsonObject { ["http://schemas.openid.net/event/backchannel-logout"] = new JsonObject() },
        };
        bend(claims);
        var token = Sign(this, claims);
        Given.Enqueue(token);
        return token;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
    }

    IResult Metadata()
    {
        JsonObject metadata = new()
        {
            ["issuer"] = Issuer,
            ["authorization_endpoint"] = Issuer + "/authorize",
            ["token_endpoint"] = Issuer + "/token",
            ["jwks_uri"] = Issuer + "/keys",
            ["end_session_endpoint"] = Issuer + "/end",
            ["authorization_response_iss_parameter_supported"] = true,
        };
        BendMetadata(metadata);
        return Results.Text(metadata.ToJsonString(), "application/json");
    }

    IResult Keys()
    {
        Interlocked.Increment(ref _keysAsked);
        var key = _key.ExportParameters(false);
        return Results.Text(
            new JsonObject
            {
                ["keys"] = new JsonArray(new JsonObject
                {
                    ["kty"] = "RSA",
                    ["use"] = "sig",
                    ["kid"] = _keyId,
                    ["n"] = Text(key.Modulus!),
                    ["e"] = Text(key.Exponent!),
                }),
            }.ToJsonString(),
            "application/json");
    }

    IResult Authorize(HttpContext context)
    {
        var query = context.Request.Query.ToDictionary(q => q.Key, q => q.Value.ToString());
        Asked.Enqueue(("/authorize", query));
        var code = Text(RandomNumberGenerator.GetBytes(24));
        _codes[code] = (query.GetValueOrDefault("nonce"), query.GetValueOrDefault("code_challenge"));
        Dictionary<string, string?> answer = new() { ["code"] = code, ["state"] = query.GetValueOrDefault("state"), ["iss"] = Issuer };
        BendAnswer(answer);
        return Results.Redirect(QueryHelpers.AddQueryString(query["redirect_uri"], answer));
    }

    async Task<IResult> RedeemAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        var code = form["code"].ToString();
        var isKnown = IsCareless ? _codes.TryGetValue(code, out var asked) : _codes.TryRemove(code, out asked);
        var challenge = Text(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
        if (!isKnown || (!IsCareless && challenge != asked.Challenge) || form["client_secret"] != Secret)
        {
            return Results.Json(new { error = "invalid_grant", error_description = $"no such code {code}" }, statusCode: 400);
        }

        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        JsonObject claims = new()
        {
            ["iss"] = Issuer,
            ["aud"] = ClientId,
            ["iat"] = now,
            ["exp"] = now + 300,
            ["auth_time"] = now,
            ["nonce"] = asked.Nonce,
        };
        foreach (var (name, value) in Person)
        {
            claims[name] = value?.DeepClone();
        }

        BendClaims(claims);
        var (token, access) = (Sign(this, claims), Text(RandomNumberGenerator.GetBytes(24)));
        Given.Enqueue(token);
        Given.Enqueue(access);
        return Results.Json(new { id_token = token, access_token = access, token_type = "Bearer", expires_in = 300 });
    }

    IResult End(HttpContext context)
    {
        var query = context.Request.Query.ToDictionary(q => q.Key, q => q.Value.ToString());
        Asked.Enqueue(("/end", query));
        return Results.Redirect(query["post_logout_redirect_uri"]);
    }

    static string Join(JsonObject header, JsonObject claims, Func<byte[], byte[]> sign)
    {
        var signed = $"{Text(Encoding.UTF8.GetBytes(header.ToJsonString()))}.{Text(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        return $"{signed}.{Text(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    static string Text(byte[] bytes) => WebEncoders.Base64UrlEncode(bytes);
}

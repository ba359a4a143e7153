using System.Net;
using System.Text.Json.Nodes;
using CovidCxr.Domain.Audit;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.Shared.Security;

/// <summary>An identity provider that bends one thing at a time, and what stands between it and the browser: each is refused.</summary>
[Trait("Speed", "Slow")]
public sealed class HostileProviderTests : IAsyncLifetime
{
    BentProvider _provider = null!;
    Installation _installation = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Bends => [.. Bend.Keys];

    static readonly Dictionary<string, Action<BentProvider>> Bend = new()
    {
        ["another issuer"] = p => p.BendClaims = c => c["iss"] = "https://elsewhere.example",
        ["another audience"] = p => p.BendClaims = c => c["aud"] = "another-program",
        ["no audience"] = p => p.BendClaims = c => c.Remove("aud"),
        ["asked for by another"] = p => p.BendClaims = c =>
            (c["aud"], c["azp"]) = (new JsonArray(BentProvider.ClientId, "another-program"), "another-program"),
        ["another nonce"] = p => p.BendClaims = c => c["nonce"] = "0123456789",
        ["no nonce"] = p => p.BendClaims = c => c.Remove("nonce"),
        ["expired"] = p => p.BendClaims = c => c["exp"] = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 120,
        ["without an end"] = p => p.BendClaims = c => c.Remove("exp"),
        ["not yet"] = p => p.BendClaims = c => c["nbf"] = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 600,
        ["nobody"] = p => p.BendClaims = c => c.Remove("sub"),
        ["unsigned"] = p => p.Sign = (_, claims) => BentProvider.SignNot(claims),
        ["signature cut off"] = p => p.Sign = (provider, claims) => provider.SignHalf(claims),
        ["signed by the public key"] = p => p.Sign = (provider, claims) => provider.SignByPublicKey(claims),
        ["signed by the secret"] = p => p.Sign = (_, claims) => BentProvider.SignBySecret(claims),
        ["signed by another key"] = p => p.Sign = (_, claims) => BentProvider.SignByAnother(claims),
        ["no token"] = p => p.Sign = (_, _) => "not-a-token",
        ["another provider's answer"] = p => p.BendAnswer = a => a["iss"] = "https://elsewhere.example",
        ["nobody's answer"] = p => p.BendAnswer = a => a.Remove("iss"),
        ["another state"] = p => p.BendAnswer = a => a["state"] = "CfDJ8" + new string('A', 100),
        ["no state"] = p => p.BendAnswer = a => a.Remove("state"),
        ["no code"] = p => p.BendAnswer = a => a.Remove("code"),
        ["another code"] = p => p.BendAnswer = a => a["code"] = "guessed",
        ["a token in the address"] = p => p.BendAnswer = a => a["id_token"] = "e30.e30.e30",
    };

    public async ValueTask InitializeAsync()
    {
        _provider = await BentProvider.StartAsync();
        _provider.Person = new() { ["sub"] = "s-1", ["preferred_username"] = "anna", ["groups"] = new JsonArray("readers") };
        _installation = await Installation.StartAsync(settings: _provider.Settings(
            ("CreatesAccounts", "true"), ("Roles:0:Group", "readers"), ("Roles:0:Role", "Radiologist")));
    }

    public async ValueTask DisposeAsync()
    {
        await _installation.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Bends))]
    public async Task Answer_BentInOnePlace_IsRefusedInWords_AndSaidNowhere(string what)
    {
        Bend[what](_provider);
        using var visitor = _installation.Visit();

        var end = await visitor.SignInByAsync("bent");

        Assert.StartsWith("/account/sign-in?Refused=Failed&Provider=bent", end.PathAndQuery, StringComparison.Ordinal);
        Assert.Contains("could not be accepted", await visitor.ReadAsync(end.PathAndQuery), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await visitor.GetAsync("/")).StatusCode);
        await using var db = await _installation.Services.GetRequiredService<IDbContextFactory<CovidCxrDbContext>>()
            .CreateDbContextAsync(Cancellation);
        Assert.False(await db.Users.AnyAsync(u => u.UserName == "anna", Cancellation));
        var entry = await db.Audit.OrderBy(a => a.Id).LastAsync(Cancellation);
        Assert.Equal((AuditAction.SignIn, AuditOutcome.Refused), (entry.Action, entry.Outcome));
        var said = string.Join('\n', _installation.Log.All.Append(entry.Detail));
        Assert.All(_provider.Given, secret => Assert.DoesNotContain(secret, said, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Code_SentTwice_OpensOnce()
    {
        _provider.IsCareless = true;
        using var visitor = _installation.Visit();
        var callback = await visitor.GoToProviderAsync("bent");
        Assert.Equal("/", (await visitor.GetAsync(callback)).Headers.Location!.OriginalString);
        using var thief = _installation.Visit();

        // Neither in the browser that began, nor in another.
        foreach (var again in new[] { visitor, thief })
        {
            Assert.Contains("Refused=Failed", (await again.GetAsync(callback)).Headers.Location!.OriginalString, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Code_OfAnother_PutIntoMyAnswer_IsRefused_ByTheNonce()
    {
        _provider.IsCareless = true;
        using var victim = _installation.Visit();
        var stolen = QueryHelpers.ParseQuery(new Uri(await victim.GoToProviderAsync("bent")).Query)["code"].ToString();
        using var thief = _installation.Visit();
        _provider.BendAnswer = answer => answer["code"] = stolen;

        Assert.Contains("Refused=Failed", (await thief.SignInByAsync("bent")).OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_InABrowserThatDidNotAsk_IsRefused()
    {
        using var attacker = _installation.Visit();
        var callback = await attacker.GoToProviderAsync("bent");
        using var victim = _installation.Visit();

        var end = await victim.GetAsync(callback);

        Assert.Contains("Refused=Failed", end.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_AtAnotherProvidersDoor_IsRefused()
    {
        await using var other = await BentProvider.StartAsync();
        await using var installation = await Installation.StartAsync(settings:
        [
            .. _provider.Settings(),
            .. BentProvider.OptionsOf(1, "other", "Other", other.Issuer, BentProvider.ClientId, BentProvider.Secret),
        ]);
        using var visitor = installation.Visit();
        var callback = await visitor.GoToProviderAsync("bent");

        var end = await visitor.GetAsync(callback.Replace("/bent/", "/other/", StringComparison.Ordinal));

        Assert.Contains("Refused=Failed&Provider=other", end.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("issuer", "https://elsewhere.example")]
    [InlineData("token_endpoint", "http://elsewhere.example/token")]
    [InlineData("jwks_uri", "http://elsewhere.example/keys")]
    [InlineData("authorization_endpoint", "javascript:alert(1)")]
    public async Task Metadata_OfAnother_OrInTheClear_IsNotBelieved(string name, string value)
    {
        _provider.BendMetadata = metadata => metadata[name] = value;
        using var visitor = _installation.Visit();

        var start = await visitor.GetAsync("/account/providers/bent");

        Assert.Contains("Refused=Unreachable", start.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusal_MadeUpInAnAddress_SaysNothingOfAnothers()
    {
        using var visitor = _installation.Visit();

        var page = await visitor.ReadAsync("/account/sign-in?Refused=Failed&Provider=%3Cb%3ECall+555");

        Assert.DoesNotContain("could not be accepted", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>Call", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelled_AtTheProvider_IsSaidCalmly()
    {
        _provider.BendAnswer = answer =>
        {
            answer.Remove("code");
            (answer["error"], answer["error_description"]) = ("access_denied", "<b>call this number</b>");
        };
        using var visitor = _installation.Visit();

        var page = await visitor.ReadAsync((await visitor.SignInByAsync("bent")).PathAndQuery);

        Assert.Contains("The sign-in at Bent was cancelled.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("call this number", page, StringComparison.Ordinal);
    }
}

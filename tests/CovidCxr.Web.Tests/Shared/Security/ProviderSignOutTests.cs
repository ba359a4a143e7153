using System.Net;
using System.Text.Json.Nodes;
using CovidCxr.Testing;

namespace CovidCxr.Web.Tests.Shared.Security;

/// <summary>A provider ends sessions from server to server, and a person who signs out here is signed out there.</summary>
[Trait("Speed", "Slow")]
public sealed class ProviderSignOutTests : IAsyncLifetime
{
    BentProvider _provider = null!;
    Installation _installation = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Bends => [.. Bend.Keys];

    static readonly Dictionary<string, Action<JsonObject>> Bend = new()
    {
        ["another issuer"] = t => t["iss"] = "https://elsewhere.example",
        ["another audience"] = t => t["aud"] = "another-program",
        ["no event"] = t => t.Remove("events"),
        ["another event"] = t => t["events"] = new JsonObject { ["http://schemas.openid.net/event/other"] = new JsonObject() },
        ["a nonce"] = t => t["nonce"] = "n",
        ["old"] = t => t["iat"] = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 600,
        ["of the future"] = t => t["iat"] = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 600,
        ["expired"] = t => t["exp"] = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 120,
        ["no moment"] = t => t.Remove("iat"),
        ["no number"] = t => t.Remove("jti"),
        ["nobody"] = t =>
        {
            t.Remove("sub");
            t.Remove("sid");
        },
    };

    public async ValueTask InitializeAsync()
    {
        _provider = await BentProvider.StartAsync();
        _installation = await Installation.StartAsync(settings: _provider.Settings(
            ("CreatesAccounts", "true"), ("Roles:0:Group", "readers"), ("Roles:0:Role", "Radiologist")));
    }

    public async ValueTask DisposeAsync()
    {
        await _installation.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Fact]
    public async Task LogoutToken_OfASession_EndsThatOneAlone_AndOnce()
    {
        using var desk = await SignInAsync("s-1", "desk");
        using var ward = await SignInAsync("s-1", "ward");
        var token = _provider.LogoutToken(t => t["sid"] = "desk");

        Assert.Equal(HttpStatusCode.OK, await SendAsync(token));

        Assert.Equal((false, true), (await IsOpenAsync(desk), await IsOpenAsync(ward)));
        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(token));
    }

    [Fact]
    public async Task LogoutToken_OfAPerson_EndsAllTheirs_AndNobodyElses()
    {
        using var desk = await SignInAsync("s-1", "desk");
        using var ward = await SignInAsync("s-1", "ward");
        using var colleague = await SignInAsync("s-2", "other");
        using var local = await _installation.VisitAsync(TestClinic.Reader);

        Assert.Equal(HttpStatusCode.OK, await SendAsync(_provider.LogoutToken(t => t["sub"] = "s-1")));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(_provider.LogoutToken(t => t["sub"] = "nobody-here")));

        Assert.Equal(
            (false, false, true, true),
            (await IsOpenAsync(desk), await IsOpenAsync(ward), await IsOpenAsync(colleague), await IsOpenAsync(local)));
    }

    [Theory]
    [MemberData(nameof(Bends))]
    public async Task LogoutToken_BentInOnePlace_EndsNothing(string what)
    {
        using var desk = await SignInAsync("s-1", "desk");

        var status = await SendAsync(_provider.LogoutToken(t =>
        {
            (t["sub"], t["sid"]) = ("s-1", "desk");
            Bend[what](t);
        }));

        Assert.Equal((HttpStatusCode.BadRequest, true), (status, await IsOpenAsync(desk)));
    }

    [Fact]
    public async Task LogoutToken_NotSignedByTheProvider_EndsNothing()
    {
        using var desk = await SignInAsync("s-1", "desk");
        Func<BentProvider, JsonObject, string>[] wrong =
        [
            (_, claims) => BentProvider.SignNot(claims), (_, claims) => BentProvider.SignByAnother(claims),
            (provider, claims) => provider.SignByPublicKey(claims), (_, claims) => BentProvider.SignBySecret(claims), (_, _) => "e30.e30.",
            (_, _) => "a.b.c",
        ];
        foreach (var sign in wrong)
        {
            _provider.Sign = sign;
            Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(_provider.LogoutToken(t => t["sub"] = "s-1")));
        }

        Assert.True(await IsOpenAsync(desk));
    }

    [Fact]
    public async Task LogoutToken_OfAKeyThatCameMeanwhile_IsTaken_AndUnknownOnesAskTheProviderOnce()
    {
        using var desk = await SignInAsync("s-1", "desk");
        _provider.ChangeKey();
        var before = _provider.KeysAsked;

        Assert.Equal(HttpStatusCode.OK, await SendAsync(_provider.LogoutToken(t => t["sub"] = "s-1")));
        Assert.False(await IsOpenAsync(desk));

        _provider.Sign = (_, claims) => BentProvider.SignByAnother(claims, "3");
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(_provider.LogoutToken(t => t["sub"] = "s-1")));
        }

        // Once for the token, and once for the sign-ins that follow.
        Assert.InRange(_provider.KeysAsked - before, 1, 2);
        _provider.Sign = (provider, claims) => provider.SignRight(claims);
        using var again = await SignInAsync("s-1", "desk");
    }

    [Fact]
    public async Task SignOut_Here_LeadsToTheProvidersEnd_ThoughIdlenessDoesNot()
    {
        using var desk = await SignInAsync("s-1", "desk");
        var page = await desk.PostAsync("/account/sign-out", ("__RequestVerificationToken", await desk.TokenAsync("/")));
        await desk.GetAsync(ProviderTests.LinkIn(await page.Content.ReadAsStringAsync(Cancellation)));
        var (path, query) = _provider.Asked.Last();
        Assert.Equal("/end", path);
        Assert.Contains(query["id_token_hint"], _provider.Given);
        Assert.Equal(new Uri(_installation.Address, "/account/sign-in").ToString(), query["post_logout_redirect_uri"]);
        Assert.False(await IsOpenAsync(desk));

        using var idle = await SignInAsync("s-1", "desk");
        Assert.DoesNotContain("prompt", _provider.Asked.Last().Query.Keys);
        var answer = await idle.PostAsync(
            "/account/sign-out", ("reason", "idle"), ("__RequestVerificationToken", await idle.TokenAsync("/")));
        Assert.Equal("/account/sign-in", answer.Headers.Location!.OriginalString);
        // Whoever comes next is asked by the provider, whom it still knows.
        await idle.SignInByAsync("bent");
        Assert.Equal("login", _provider.Asked.Last().Query["prompt"]);
    }

    async Task<Visitor> SignInAsync(string subject, string session)
    {
        _provider.Person = new()
        {
            ["sub"] = subject,
            ["sid"] = session,
            ["preferred_username"] = subject,
            ["groups"] = new JsonArray("readers"),
        };
        var visitor = _installation.Visit();
        Assert.Equal("/", (await visitor.SignInByAsync("bent")).PathAndQuery);
        return visitor;
    }

    async Task<HttpStatusCode> SendAsync(string token)
    {
        using var server = _installation.Visit();
        return (await server.PostAsync("/account/providers/bent/sign-out", ("logout_token", token))).StatusCode;
    }

    static async Task<bool> IsOpenAsync(Visitor visitor) =>
        (await visitor.GetAsync("/account/alive", "application/json")).StatusCode == HttpStatusCode.NoContent;
}

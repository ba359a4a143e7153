using System.Net;
using System.Text.Json.Nodes;
using CovidCxr.Testing;

namespace CovidCxr.Web.Tests.Shared.Security;

/// <summary>
/// A workstation for many: the provider may know the last person still, however the session here ended, and must ask the next one.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class AskAnewTests : IAsyncLifetime
{
    const string Sentence = "It will ask who you are, so that nobody is";

    readonly LaterTime _time = new();
    BentProvider _provider = null!;
    Installation _installation = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _provider = await BentProvider.StartAsync();
        _provider.Person = new() { ["sub"] = "s-1", ["preferred_username"] = "anna", ["groups"] = new JsonArray("readers") };
        _installation = await Installation.StartAsync(_time, settings: _provider.Settings(
            ("CreatesAccounts", "true"), ("Roles:0:Group", "readers"), ("Roles:0:Role", "Radiologist")));
    }

    public async ValueTask DisposeAsync()
    {
        await _installation.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Fact]
    public async Task Ticket_ThatRanOut_HasTheProviderAskTheNext_AndAnAnswerOfTheLastDoesNotCount()
    {
        using var desk = _installation.Visit();
        Assert.DoesNotContain(Sentence, await desk.ReadAsync("/account/sign-in"), StringComparison.Ordinal);
        await desk.SignInByAsync("bent");
        Assert.False(IsAsked());
        // Nobody asks for anything until the cookie's own end, and long after.
        _time.Later = TimeSpan.FromHours(2);

        Assert.Contains(Sentence, await desk.ReadAsync("/account/sign-in"), StringComparison.Ordinal);
        // The provider goes by its own cookie, whatever it was asked for.
        var end = await desk.SignInByAsync("bent");
        Assert.True(IsAsked());
        Assert.Contains("Refused=NotAskedAgain", end.Query, StringComparison.Ordinal);
        Assert.Contains("did not ask who is there now", await desk.ReadAsync(end.PathAndQuery), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await desk.GetAsync("/")).StatusCode);

        _provider.BendClaims = claims => claims["auth_time"] = _time.GetUtcNow().ToUnixTimeSeconds();
        Assert.Equal("/", (await desk.SignInByAsync("bent")).PathAndQuery);
        // One that does not tell the time is believed, as before it was asked for.
        desk.Cookies.GetAllCookies().Single(c => c.Name == "covidcxr").Expired = true;
        _provider.BendClaims = claims => claims.Remove("auth_time");
        Assert.Equal("/", (await desk.SignInByAsync("bent")).PathAndQuery);
        Assert.True(IsAsked());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SignOut_WithOrWithoutTheProvidersEnd_HasItAskTheNext(bool hasEnd)
    {
        if (!hasEnd)
        {
            _provider.BendMetadata = metadata => metadata.Remove("end_session_endpoint");
        }

        using var desk = _installation.Visit();
        await desk.SignInByAsync("bent");
        var page = await desk.PostAsync("/account/sign-out", ("__RequestVerificationToken", await desk.TokenAsync("/")));
        Assert.Equal(hasEnd ? HttpStatusCode.OK : HttpStatusCode.Redirect, page.StatusCode);

        // Whether the browser went on to that end, nobody here knows.
        await desk.SignInByAsync("bent");

        Assert.True(IsAsked());
    }

    [Fact]
    public async Task SignIn_GivenUpHalfWay_AndAPasswordInBetween_HaveItAskTheNext()
    {
        _provider.Person["groups"] = new JsonArray("canteen");
        using var desk = _installation.Visit();
        Assert.Contains("Refused=NoRole", (await desk.SignInByAsync("bent")).Query, StringComparison.Ordinal);
        await desk.SignInAsync("reader");
        await desk.PostAsync("/account/sign-out", ("__RequestVerificationToken", await desk.TokenAsync("/")));

        await desk.SignInByAsync("bent");

        Assert.True(IsAsked());
    }

    [Fact]
    public async Task SignIn_ThatNeverCameBack_HasItAskTheNext()
    {
        using var desk = _installation.Visit();
        await desk.GoToProviderAsync("bent");
        Assert.False(IsAsked());

        await desk.SignInByAsync("bent");

        Assert.True(IsAsked());
    }

    [Fact]
    public async Task Password_OfSomebodyWhoIsStillSignedIn_HasTheProviderAskTheNext()
    {
        using var desk = _installation.Visit();
        await desk.SignInByAsync("bent");
        await desk.PostAsync("/account/sign-out", ("__RequestVerificationToken", await desk.TokenAsync("/")));
        await desk.SignInAsync("reader");

        await desk.SignInByAsync("bent");

        Assert.True(IsAsked());
    }

    [Theory]
    [InlineData("right", "/account/providers")]
    [InlineData("old", "/account/providers?Refused=NotAskedAgain&Provider=bent")]
    [InlineData("future", "/account/providers?Refused=NotAskedAgain&Provider=bent")]
    [InlineData("no time", "/account/providers")]
    [InlineData("second 0", "/account/providers")]
    public async Task Link_WantsAFreshSignIn_InAnyBrowser(string what, string end)
    {
        _provider.BendClaims = claims =>
        {
            if (what == "no time")
            {
                claims.Remove("auth_time");
            }
            else if (what == "second 0")
            {
                claims["auth_time"] = 0;
            }
            else
            {
                var shift = what switch { "old" => -600, "future" => 600, _ => 0 };
                claims["auth_time"] = _time.GetUtcNow().ToUnixTimeSeconds() + shift;
            }
        };
        using var desk = await _installation.VisitAsync(TestClinic.Reader);
        var page = await desk.SubmitAsync("/account/providers", "provider-bent", ("Password", Installation.Password));

        var callback = (await desk.GetAsync(ProviderTests.LinkIn(await page.Content.ReadAsStringAsync(Cancellation)))).Headers.Location!;

        Assert.True(IsAsked());
        Assert.Equal(end, (await desk.GetAsync(callback.OriginalString)).Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Link_WhereTheProviderKnowsSomebodyAlready_HasItAsk()
    {
        using var desk = _installation.Visit();
        await desk.SignInByAsync("bent");
        await desk.PostAsync("/account/sign-out", ("__RequestVerificationToken", await desk.TokenAsync("/")));
        await desk.SignInAsync("reader");
        var page = await desk.SubmitAsync("/account/providers", "provider-bent", ("Password", Installation.Password));

        await desk.GetAsync(ProviderTests.LinkIn(await page.Content.ReadAsStringAsync(Cancellation)));

        Assert.True(IsAsked());
    }

    [Fact]
    public async Task Mark_HoldsNothing_AndOutlivesTheBrowser()
    {
        using var desk = _installation.Visit();

        var cookies = (await desk.GetAsync("/account/providers/bent")).Headers.GetValues("Set-Cookie");

        Assert.Equal(
            "covidcxr-ask=1; max-age=34560000; path=/; samesite=lax; httponly",
            cookies.Single(c => c.Contains("-ask=", StringComparison.Ordinal)));
    }

    bool IsAsked() => _provider.Asked.Last(a => a.Path == "/authorize").Query is var query
        && query.GetValueOrDefault("prompt") == "login" && query.GetValueOrDefault("max_age") == "0";

    /// <summary>The true time, or later: a browser drops cookies that have run out.</summary>
    sealed class LaterTime : TimeProvider
    {
        public TimeSpan Later { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Later;
    }
}

using System.Net;
using System.Text.Json.Nodes;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Accounts;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.Shared.Security;

/// <summary>People who sign in by an identity provider: by OpenIddict's server, and by one that says what a test wants.</summary>
public sealed class ProviderTests : IAsyncLifetime
{
    static readonly (string, string)[] Groups =
    [
        ("CreatesAccounts", "true"), ("Roles:0:Group", "readers"), ("Roles:0:Role", "Radiologist"),
        ("Roles:1:Group", "chiefs"), ("Roles:1:Role", "Admin"), ("SecondFactorValues:0", "mfa"),
    ];

    BentProvider _provider = null!;
    Installation _installation = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _provider = await BentProvider.StartAsync();
        BePerson("s-1", "anna", "readers");
        _installation = await Installation.StartAsync(settings: _provider.Settings(Groups));
    }

    public async ValueTask DisposeAsync()
    {
        await _installation.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task OpenIddict_SignsIn_PushesItsRequest_AndSignsOutThereToo()
    {
        await using var provider = await OpenIddictProvider.StartAsync();
        provider.Person = [new("sub", "s-1"), new("preferred_username", "anna"), new("groups", "readers")];
        await using var installation = await Installation.StartAsync(settings: BentProvider.OptionsOf(
            0, "hospital", "Hospital", provider.Issuer, BentProvider.ClientId, BentProvider.Secret, Groups));
        await provider.RegisterAsync(installation.Address, "hospital");
        using var visitor = installation.Visit();
        Assert.Contains("Sign in with Hospital", await visitor.ReadAsync("/account/sign-in"), StringComparison.Ordinal);

        var start = await visitor.GetAsync("/account/providers/hospital?ReturnUrl=%2Fmodels");
        Assert.Contains("request_uri=", start.Headers.Location!.Query, StringComparison.Ordinal);
        var callback = (await visitor.GetAsync(start.Headers.Location.OriginalString)).Headers.Location!;
        Assert.Equal("/models", (await visitor.GetAsync(callback.OriginalString)).Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.OK, (await visitor.GetAsync("/")).StatusCode);

        var page = await visitor.PostAsync("/account/sign-out", ("__RequestVerificationToken", await visitor.TokenAsync("/")));
        var address = LinkIn(await page.Content.ReadAsStringAsync(Cancellation));
        Assert.StartsWith(provider.Issuer + "/connect/end?", address, StringComparison.Ordinal);
        Assert.Contains("id_token_hint=", address, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await visitor.GetAsync("/")).StatusCode);
        var back = await visitor.GetAsync(address);
        Assert.Equal(new Uri(installation.Address, "/account/sign-in"), back.Headers.Location);
    }

    [Fact]
    public async Task FirstSignIn_MakesAnAccountWithoutAPassword_AndTheRolesOfItsGroups()
    {
        using var visitor = _installation.Visit();

        var end = await visitor.SignInByAsync("bent", "?ReturnUrl=%2Fmodels");

        Assert.Equal("/models", end.PathAndQuery);
        var account = await AccountAsync("anna");
        Assert.Null(account.PasswordHash);
        Assert.Equal(["Radiologist"], await RolesAsync("anna"));
        Assert.Equal(HttpStatusCode.Redirect, (await visitor.GetAsync("/admin/accounts")).StatusCode);
        Assert.Contains("anna: Radiologist, by bent", await DetailsAsync(AuditAction.AccountCreate));
        Assert.Contains("by bent", await DetailsAsync(AuditAction.SignIn));
        // Its session is one as any other.
        Assert.Contains("Where you are signed in", await visitor.ReadAsync("/account/password"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SamePerson_ByAnotherName_IsTheSameAccount_AndAnotherPerson_ByTheSameName_IsNot()
    {
        await SignInAsync();
        BePerson("s-1", "anna-married", "readers");
        await SignInAsync();
        BePerson("s-2", "anna", "readers");
        await SignInAsync();

        Assert.NotEqual((await AccountAsync("anna")).Id, (await AccountAsync("anna+bent")).Id);
        await using var db = Database();
        Assert.False(await db.Users.AnyAsync(u => u.UserName == "anna-married", Cancellation));
    }

    [Fact]
    public async Task LocalAccount_OfTheSameNameAndMail_IsNeverTaken()
    {
        BePerson("s-9", "admin", "readers");
        _provider.Person["email"] = "admin";

        await SignInAsync();

        Assert.Equal(["Admin"], await RolesAsync("admin"));
        Assert.Equal(["Radiologist"], await RolesAsync("admin+bent"));
    }

    [Fact]
    public async Task Groups_AreFollowedAtEverySignIn_AndALostOneEndsWhatWasOpen()
    {
        BePerson("s-1", "anna", "readers", "chiefs");
        using var before = _installation.Visit();
        await before.SignInByAsync("bent");
        Assert.Equal(HttpStatusCode.OK, (await before.GetAsync("/admin/accounts")).StatusCode);
        BePerson("s-1", "anna", "readers");
        using var after = _installation.Visit();

        await after.SignInByAsync("bent");

        Assert.Equal(HttpStatusCode.Redirect, (await after.GetAsync("/admin/accounts")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await after.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await before.GetAsync("/account/alive", "application/json")).StatusCode);

        BePerson("s-1", "anna", "canteen");
        using var gone = _installation.Visit();
        var end = await gone.SignInByAsync("bent");
        Assert.Contains("gives you no role here", await gone.ReadAsync(end.PathAndQuery), StringComparison.Ordinal);
        Assert.Empty(await RolesAsync("anna"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await after.GetAsync("/account/alive", "application/json")).StatusCode);
        Assert.Contains("anna: no role, by bent", await DetailsAsync(AuditAction.AccountChange));
    }

    [Fact]
    public async Task Groups_NeverTakeTheLastAdministrationAway()
    {
        BePerson("s-1", "anna", "readers", "chiefs");
        await SignInAsync();
        await using (var scope = _installation.Services.CreateAsyncScope())
        {
            Assert.Empty(await scope.ServiceProvider.GetRequiredService<ChangeAccount>().RunAsync(
                TestClinic.Admin.UserId, [Role.Admin], isDisabled: true,
                new((await AccountAsync("anna")).Id, "anna", new HashSet<string> { Role.Admin })));
        }

        BePerson("s-1", "anna", "canteen");
        await SignInAsync();

        Assert.Equal(["Admin"], await RolesAsync("anna"));
        await using var db = Database();
        Assert.Equal(
            AuditOutcome.Refused,
            (await db.Audit.SingleAsync(a => a.Detail == "anna: stays the last administrator, by bent", Cancellation)).Outcome);
    }

    [Fact]
    public async Task FirstPassword_OfAProvidersAccount_KeepsItsLink_AndANewOneWhoVouched()
    {
        using var before = _installation.Visit();
        await before.SignInByAsync("bent");
        Assert.Contains("no password to change", await ChangeAsync(before), StringComparison.Ordinal);
        var anna = await AccountAsync("anna");
        await _installation.GivePasskeyAsync(new(anna.Id, "anna", new HashSet<string>()));
        await using (var scope = _installation.Services.CreateAsyncScope())
        {
            Assert.Empty(await scope.ServiceProvider.GetRequiredService<ResetPassword>().RunAsync(
                anna.Id, Installation.Password, TestClinic.Admin));
        }

        using var visitor = _installation.Visit();
        await visitor.SignInByAsync("bent");
        await ChangeAsync(visitor);

        await using var db = Database();
        Assert.Equal(anna.Id, (await db.UserLogins.SingleAsync(Cancellation)).UserId);
        Assert.False(await db.UserPasskeys.AnyAsync(Cancellation));
        var open = await db.AccountSessions.SingleAsync(s => s.AccountId == anna.Id && s.EndedAt == null, Cancellation);
        Assert.Equal(_provider.Issuer, open.Issuer);
        Assert.Equal(1, await db.Audit.CountAsync(
            a => a.Action == AuditAction.PasswordChange && a.Outcome == AuditOutcome.Succeeded, Cancellation));

        static async Task<string> ChangeAsync(Visitor visitor)
        {
            var answer = await visitor.SubmitAsync(
                "/account/password", "password", ("Input.Current", Installation.Password), ("Input.Next", "another-fjord-cobalt-43"));
            return await answer.Content.ReadAsStringAsync(Cancellation);
        }
    }

    [Fact]
    public async Task Link_ThatVouchesForTwoFactors_IsNotUndoneByThePasswordAlone()
    {
        BePerson("s-7", "somebody", "readers");
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        var callback = (await reader.GetAsync(LinkIn(await LinkAsync(reader)))).Headers.Location!;
        await reader.GetAsync(callback.OriginalString);

        Assert.Contains("sign in with that first", await LinkAsync(reader), StringComparison.Ordinal);
        Assert.True((await _installation.Services.GetRequiredService<ListAccounts>().RunAsync(TestClinic.Admin, Cancellation))
            .Single(a => a.Id == TestClinic.Reader.UserId).HasSecondFactor);

        await using var db = Database();
        Assert.Equal(1, await db.UserLogins.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Stranger_WithoutARole_GetsNoAccount()
    {
        BePerson("s-3", "berta", "canteen");
        using var visitor = _installation.Visit();

        Assert.Contains("Refused=NoRole", (await visitor.SignInByAsync("bent")).Query, StringComparison.Ordinal);

        await using var db = Database();
        Assert.False(await db.Users.AnyAsync(u => u.UserName == "berta", Cancellation));
    }

    [Fact]
    public async Task DisabledAccount_StaysOut()
    {
        await SignInAsync();
        await using (var scope = _installation.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<ChangeAccount>().RunAsync(
                (await AccountAsync("anna")).Id, ["Radiologist"], isDisabled: true, TestClinic.Admin);
        }

        using var visitor = _installation.Visit();

        Assert.Contains("Refused=Disabled", (await visitor.SignInByAsync("bent")).Query, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await visitor.GetAsync("/")).StatusCode);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Link_WantsThePassword_ThenTheProviderSignsIn_AndUnlinkedNoMore()
    {
        BePerson("s-7", "somebody", "readers");
        await using var installation = await Installation.StartAsync(settings: _provider.Settings());
        using var reader = await installation.VisitAsync(TestClinic.Reader);
        using var other = installation.Visit();
        Assert.Contains("Refused=NotLinked", (await other.SignInByAsync("bent")).Query, StringComparison.Ordinal);

        var wrong = await LinkAsync(reader, "wrong-fjord-cobalt-42");
        Assert.Contains("The password is wrong.", wrong, StringComparison.Ordinal);
        var callback = (await reader.GetAsync(LinkIn(await LinkAsync(reader)))).Headers.Location!;
        Assert.Equal("/account/providers", (await reader.GetAsync(callback.OriginalString)).Headers.Location!.OriginalString);
        Assert.Contains("Linked: Bent", await reader.ReadAsync("/account/providers"), StringComparison.Ordinal);

        await other.SignInByAsync("bent");
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/")).StatusCode);
        Assert.Contains("Refused", (await LinkedByAsync(installation, TestClinic.OtherReader)).Query, StringComparison.Ordinal);

        Assert.Contains("Not linked", await LinkAsync(reader), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.GetAsync("/account/alive", "application/json")).StatusCode);
        Assert.Contains("Refused=NotLinked", (await other.SignInByAsync("bent")).Query, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("other")]
    [InlineData("reader")]
    public async Task Link_FinishedBySomebodyElse_OrInAnotherSession_LinksNothing(string next)
    {
        await using var installation = await Installation.StartAsync(settings: _provider.Settings());
        using var reader = await installation.VisitAsync(TestClinic.Reader);
        var callback = (await reader.GetAsync(LinkIn(await LinkAsync(reader)))).Headers.Location!;
        // The same browser, but another person by now, or the same one who came back.
        await reader.PostAsync("/account/sign-out", ("__RequestVerificationToken", await reader.TokenAsync("/")));
        await reader.SignInAsync(next);

        var end = await reader.GetAsync(callback.OriginalString);

        Assert.Contains("Refused=OtherSession", end.Headers.Location!.OriginalString, StringComparison.Ordinal);
        await using var db = installation.Services.GetRequiredService<IDbContextFactory<CovidCxrDbContext>>().CreateDbContext();
        Assert.False(await db.UserLogins.AnyAsync(Cancellation));
    }

    [Fact]
    public async Task Provider_ThatIsDown_IsSaid_AndThePasswordGoesOn()
    {
        await _provider.DisposeAsync();
        using var visitor = _installation.Visit();

        var start = await visitor.GetAsync("/account/providers/bent");
        var page = await visitor.ReadAsync("/" + start.Headers.Location!.OriginalString.TrimStart('~', '/'));

        Assert.Contains("Bent does not answer at the moment. Sign in with your password", page, StringComparison.Ordinal);
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        Assert.Equal(HttpStatusCode.NotFound, (await visitor.GetAsync("/account/providers/unknown")).StatusCode);
    }

    [Theory]
    [Trait("Speed", "Slow")]
    [InlineData("mfa", true)]
    [InlineData("pwd", false)]
    public async Task SecondFactor_OfTheProvider_CountsWhereItSaysSo(string method, bool counts)
    {
        await using var installation = await Installation.StartAsync(settings:
            [.. _provider.Settings(Groups), ("Accounts:SecondFactorForAdministrators", "true")]);
        BePerson("s-1", "anna", "chiefs");
        _provider.Person["amr"] = new JsonArray(method);
        using var visitor = installation.Visit();
        await visitor.SignInByAsync("bent");

        Assert.Equal(
            counts ? HttpStatusCode.OK : HttpStatusCode.Redirect, (await visitor.GetAsync("/admin/accounts")).StatusCode);
    }

    [Fact]
    public async Task Cookies_OfASignInUnderWay_AreNamedForTheirHost()
    {
        using var visitor = _installation.Visit(("X-Test-Https", "1"));

        var cookies = (await visitor.GetAsync("/account/providers/bent")).Headers.GetValues("Set-Cookie").ToList();

        Assert.Equal(3, cookies.Count);
        Assert.All(cookies, c =>
        {
            Assert.StartsWith("__Host-covidcxr-", c, StringComparison.Ordinal);
            Assert.Contains("path=/;", c, StringComparison.Ordinal);
            Assert.Contains("secure; samesite=lax; httponly", c, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task UnderAPath_TheWholeSignInStaysThere()
    {
        await using var installation = await Installation.StartAsync(settings:
            [.. _provider.Settings(Groups), ("Proxies:PathBase", "/covidcxr")]);
        using var visitor = installation.Visit();
        var start = await visitor.GetAsync("/covidcxr/account/providers/bent?ReturnUrl=%2Fcovidcxr%2Fmodels");
        Assert.All(start.Headers.GetValues("Set-Cookie"), c => Assert.Contains("path=/covidcxr/;", c, StringComparison.Ordinal));
        var callback = (await visitor.GetAsync(start.Headers.Location!.OriginalString)).Headers.Location!;

        Assert.Equal("/covidcxr/account/providers/bent/callback", callback.AbsolutePath);
        Assert.Equal("/covidcxr/models", (await visitor.GetAsync(callback.OriginalString)).Headers.Location!.OriginalString);
    }

    void BePerson(string subject, string name, params string[] groups) => _provider.Person = new()
    {
        ["sub"] = subject,
        ["preferred_username"] = name,
        ["groups"] = new JsonArray([.. groups.Select(g => JsonValue.Create(g))]),
    };

    async Task SignInAsync()
    {
        using var visitor = _installation.Visit();
        Assert.Equal("/", (await visitor.SignInByAsync("bent")).PathAndQuery);
    }

    static async Task<string> LinkAsync(Visitor visitor, string password = Installation.Password) => WebUtility.HtmlDecode(
        await (await visitor.SubmitAsync("/account/providers", "provider-bent", ("Password", password)))
            .Content.ReadAsStringAsync(Cancellation));

    static async Task<Uri> LinkedByAsync(Installation installation, Actor actor)
    {
        using var visitor = await installation.VisitAsync(actor);
        var callback = (await visitor.GetAsync(LinkIn(await LinkAsync(visitor)))).Headers.Location!;
        return new(installation.Address, (await visitor.GetAsync(callback.OriginalString)).Headers.Location!);
    }

    // Where a page that goes on by itself leads.
    internal static string LinkIn(string page)
    {
        var text = WebUtility.HtmlDecode(page);
        var start = text.IndexOf("0;url=", StringComparison.Ordinal);
        Assert.True(start >= 0, text);
        return text[(start + 6)..text.IndexOf('"', start)];
    }

    CovidCxrDbContext Database() =>
        _installation.Services.GetRequiredService<IDbContextFactory<CovidCxrDbContext>>().CreateDbContext();

    async Task<Account> AccountAsync(string name)
    {
        await using var db = Database();
        return await db.Users.AsNoTracking().SingleAsync(u => u.UserName == name, Cancellation);
    }

    async Task<List<string>> RolesAsync(string name) =>
        [.. (await _installation.Services.GetRequiredService<ListAccounts>().RunAsync(TestClinic.Admin, Cancellation))
            .Single(a => a.UserName == name).Roles];

    async Task<List<string?>> DetailsAsync(AuditAction action)
    {
        await using var db = Database();
        return await db.Audit.Where(a => a.Action == action).Select(a => a.Detail).ToListAsync(Cancellation);
    }
}

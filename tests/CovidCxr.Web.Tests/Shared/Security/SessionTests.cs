using System.Net;
using System.Reflection;
using System.Security.Claims;
using CovidCxr.Domain.Accounts;
using CovidCxr.Platform.Accounts;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace CovidCxr.Web.Tests.Shared.Security;

/// <summary>How a session begins, goes on and ends, over the cookie and on a circuit.</summary>
public sealed class SessionTests : IAsyncLifetime
{
    static readonly TimeSpan Idle = TimeSpan.FromMinutes(15), Second = TimeSpan.FromSeconds(1);

    readonly ManualTime _time = new();
    Installation _installation = null!;

    CookieAuthenticationOptions CookieOptions =>
        _installation.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(IdentityConstants.ApplicationScheme);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _installation = await Installation.StartAsync(_time);

    public ValueTask DisposeAsync() => _installation.DisposeAsync();

    [Fact]
    public async Task Session_InUse_GoesOnForHours_AndIdleFor15Minutes_Ends()
    {
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        for (var i = 0; i < 20; i++)
        {
            _time.Advance(Idle - Second);
            Assert.Equal(HttpStatusCode.NoContent, (await reader.GetAsync("/account/alive", "application/json")).StatusCode);
        }

        _time.Advance(Idle);

        Assert.Equal(HttpStatusCode.Unauthorized, (await reader.GetAsync("/account/alive", "application/json")).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await reader.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task Cookie_CopiedBeforeTheSignOut_IsWorthless()
    {
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        using var thief = _installation.Visit();
        thief.Cookies.Add(reader.Cookies.GetAllCookies());
        Assert.Equal(HttpStatusCode.OK, (await thief.GetAsync("/")).StatusCode);

        await reader.PostAsync("/account/sign-out", ("__RequestVerificationToken", await reader.TokenAsync("/")));

        Assert.Equal(HttpStatusCode.Redirect, (await thief.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task Session_HoweverBusy_EndsAfterTwelveHours()
    {
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        for (var hour = 0; hour < 12 * 6; hour++)
        {
            Assert.Equal(HttpStatusCode.NoContent, (await reader.GetAsync("/account/alive", "application/json")).StatusCode);
            _time.Advance(TimeSpan.FromMinutes(10));
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await reader.GetAsync("/account/alive", "application/json")).StatusCode);
    }

    [Fact]
    public async Task SignOut_OutlivesTheProgram()
    {
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        using var thief = _installation.Visit();
        thief.Cookies.Add(reader.Cookies.GetAllCookies());
        var person = _installation.PersonOf(reader);
        await reader.PostAsync("/account/sign-out", ("__RequestVerificationToken", await reader.TokenAsync("/")));

        // What another program, or this one after a restart, knows: the database alone.
        var anew = ActivatorUtilities.CreateInstance<Sessions>(_installation.Services);

        Assert.False(await anew.TouchAsync(person));
        Assert.False(await anew.IsOpenAsync(person, Cancellation));
    }

    [Fact]
    public async Task FullDisk_EndsNobodysWork_AndASignOutHoldsAllTheSame()
    {
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        using var leaving = await _installation.VisitAsync(TestClinic.OtherReader);
        var disk = new FullDisk();
        using var folder = new TestFolder(isMigrated: true, disk);
        await using (var db = _installation.Services.GetRequiredService<IDbContextFactory<CovidCxrDbContext>>().CreateDbContext())
        await using (var other = folder.CreateDbContext())
        {
            other.Users.AddRange(await db.Users.AsNoTracking().ToListAsync(Cancellation));
            other.AccountSessions.AddRange(await db.AccountSessions.AsNoTracking().ToListAsync(Cancellation));
            await other.SaveChangesAsync(Cancellation);
        }

        disk.IsFull = true;

        var sessions = new Sessions(
            folder, _installation.Services.GetRequiredService<IOptions<AccountOptions>>(),
            _installation.Services.GetRequiredService<AuditLog>(), _time);
        for (var i = 0; i < 4; i++)
        {
            Assert.True(await sessions.TouchAsync(_installation.PersonOf(reader)));
            Assert.True(await sessions.TouchAsync(_installation.PersonOf(leaving)));
            _time.Advance(Idle / 2);
        }

        await sessions.EndAsync(_installation.PersonOf(leaving));
        Assert.True(await sessions.IsOpenAsync(_installation.PersonOf(reader), Cancellation));
        Assert.False(await sessions.TouchAsync(_installation.PersonOf(leaving)));
        _time.Advance(Idle);
        Assert.False(await sessions.TouchAsync(_installation.PersonOf(reader)));
    }

    [Fact]
    public async Task Sessions_OfAPerson_AreListed_AndEndedOneByOneAndAllTogether()
    {
        using var here = await _installation.VisitAsync(TestClinic.Reader);
        using var phone = await _installation.VisitAsync(TestClinic.Reader);
        using var ward = await _installation.VisitAsync(TestClinic.Reader);
        using var colleague = await _installation.VisitAsync(TestClinic.OtherReader);
        var sessions = _installation.Services.GetRequiredService<Sessions>();
        var listed = await sessions.ListAsync(_installation.PersonOf(here), TestClinic.Reader, Cancellation);
        Assert.Equal(3, listed.Count);
        Assert.Single(listed, s => s.IsThis);
        Assert.Contains("Where you are signed in", await here.ReadAsync("/account/password"), StringComparison.Ordinal);

        // Another's session is not a person's own to end.
        await EndAsync(
            here, (await sessions.ListAsync(_installation.PersonOf(colleague), TestClinic.OtherReader, Cancellation)).Single().Id);
        await EndAsync(here, listed.Single(s => $"{s.Id:N}" == _installation.PersonOf(phone).FindFirstValue(Sessions.ClaimType)).Id);
        Assert.Equal((true, false, true, true), await OpenAsync());

        await EndAsync(here, null);
        Assert.Equal((true, false, false, true), await OpenAsync());

        async Task<(bool Here, bool Phone, bool Ward, bool Colleague)> OpenAsync() => (
            await IsOpenAsync(here), await IsOpenAsync(phone), await IsOpenAsync(ward), await IsOpenAsync(colleague));

        async Task<bool> IsOpenAsync(Visitor visitor) =>
            (await visitor.GetAsync("/account/alive", "application/json")).StatusCode == HttpStatusCode.NoContent;

        static async Task EndAsync(Visitor visitor, Guid? session) => Assert.Equal(
            HttpStatusCode.Redirect,
            (await visitor.PostAsync(
                "/account/sessions/end", ("session", $"{session}"),
                ("__RequestVerificationToken", await visitor.TokenAsync("/account/password")))).StatusCode);
    }

    [Fact]
    public async Task Administrator_SignsSomebodyOutEverywhere_AndSeesTheLastSignIn()
    {
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        var account = (await _installation.Services.GetRequiredService<ListAccounts>().RunAsync(TestClinic.Admin, Cancellation))
            .Single(a => a.Id == TestClinic.Reader.UserId);
        Assert.Equal(_time.GetUtcNow(), account.LastSignIn);
        var sessions = _installation.Services.GetRequiredService<Sessions>();
        await Assert.ThrowsAsync<AccessRefusedException>(() => sessions.EndAllAsync(account, TestClinic.Reader));

        await sessions.EndAllAsync(account, TestClinic.Admin);

        Assert.Equal(HttpStatusCode.Unauthorized, (await reader.GetAsync("/account/alive", "application/json")).StatusCode);
    }

    [Fact]
    public async Task Password_Changed_EndsTheOthersAtOnce_AndThisOneGoesOn()
    {
        using var here = await _installation.VisitAsync(TestClinic.Reader);
        using var thief = await _installation.VisitAsync(TestClinic.Reader);

        await here.SubmitAsync(
            "/account/password", "password", ("Input.Current", Installation.Password), ("Input.Next", "another-fjord-cobalt-43"));

        Assert.Equal(HttpStatusCode.Unauthorized, (await thief.GetAsync("/account/alive", "application/json")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await here.GetAsync("/account/alive", "application/json")).StatusCode);
    }

    [Fact]
    public async Task Roles_TakenAway_AreGoneFromTheCookieWithinAMinute()
    {
        using var lead = await _installation.VisitAsync(TestClinic.Lead);
        Assert.Equal(HttpStatusCode.OK, (await lead.GetAsync("/settings/policy")).StatusCode);
        await ChangeAsync(TestClinic.Lead, Role.Radiologist, isDisabled: false);

        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Contains(
            "/account/sign-in", (await lead.GetAsync("/settings/policy")).Headers.Location!.ToString(), StringComparison.Ordinal);
        using var again = await _installation.VisitAsync(TestClinic.Lead);
        Assert.Contains(
            "/account/denied", (await again.GetAsync("/settings/policy")).Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Circuit_IsAskedTwiceAMinute_AndEndsWithRolesIdleTimeAndSignOut()
    {
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        var person = _installation.PersonOf(reader);
        await using var scope = _installation.Services.CreateAsyncScope();
        var circuit = scope.ServiceProvider.GetRequiredService<AuthenticationStateProvider>();

        Assert.InRange((TimeSpan)Member("get_RevalidationInterval").Invoke(circuit, [])!, Second, TimeSpan.FromSeconds(30));
        Assert.True(await GoesOnAsync(person));

        _time.Advance(Idle);
        Assert.False(await GoesOnAsync(person));

        using var second = await _installation.VisitAsync(TestClinic.Reader);
        var anew = _installation.PersonOf(second);
        Assert.True(await GoesOnAsync(anew));
        await second.PostAsync("/account/sign-out", ("__RequestVerificationToken", await second.TokenAsync("/")));
        Assert.False(await GoesOnAsync(anew));

        using var third = await _installation.VisitAsync(TestClinic.Reader);
        var last = _installation.PersonOf(third);
        Assert.True(await GoesOnAsync(last));
        await ChangeAsync(TestClinic.Reader, Role.Radiologist, isDisabled: true);
        Assert.False(await GoesOnAsync(last));

        Task<bool> GoesOnAsync(ClaimsPrincipal who) =>
            (Task<bool>)Member("ValidateAuthenticationStateAsync").Invoke(circuit, [new AuthenticationState(who), Cancellation])!;

        MethodInfo Member(string name) => circuit.GetType().GetMethod(name, BindingFlags.Instance | BindingFlags.NonPublic)!;
    }

    [Fact]
    public async Task FiveWrongPasswords_LockTheAccount_AndNoOther()
    {
        using var visitor = _installation.Visit();
        for (var i = 0; i < 5; i++)
        {
            await visitor.SignInAsync("reader", "not-the-password");
        }

        var locked = await visitor.SignInAsync("reader");

        Assert.Equal(HttpStatusCode.OK, locked.StatusCode);
        Assert.Contains(
            "too many wrong passwords for this name from here", await locked.Content.ReadAsStringAsync(Cancellation),
            StringComparison.Ordinal);
        using var other = await _installation.VisitAsync(TestClinic.OtherReader);
    }

    [Fact]
    public async Task WrongName_AndWrongPassword_SoundTheSame()
    {
        using var visitor = _installation.Visit();

        foreach (var name in new[] { "reader", "nobody-of-this-name" })
        {
            var words = await (await visitor.SignInAsync(name, "not-the-password")).Content.ReadAsStringAsync(Cancellation);
            Assert.Contains("The user name or the password is wrong.", words, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Cookies_AreClosedToScripts_AndSecureOverHttps()
    {
        using var safe = _installation.Visit();
        Assert.Contains(
            "secure", (await safe.GetAsync("/account/sign-in", headers: ("X-Test-Https", "1"))).Headers.GetValues("Set-Cookie").Single(),
            StringComparison.OrdinalIgnoreCase);
        Assert.Equal(CookieSecurePolicy.SameAsRequest, CookieOptions.Cookie.SecurePolicy);

        using var visitor = _installation.Visit();
        var form = (await visitor.GetAsync("/account/sign-in")).Headers.GetValues("Set-Cookie").Single();
        var session = (await visitor.SignInAsync("reader")).Headers.GetValues("Set-Cookie")
            .Single(c => c.StartsWith("covidcxr=", StringComparison.Ordinal));

        Assert.Contains("httponly", form, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", form, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("httponly", session, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", session, StringComparison.OrdinalIgnoreCase);
        // Gone with the browser.
        Assert.DoesNotContain("expires", session, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("max-age", session, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("http", "", "covidcxr")]
    [InlineData("https", "", "__Host-covidcxr")]
    [InlineData("https", "/covidcxr", "__Secure-covidcxr")]
    public void Cookie_OverHttps_CannotBePlantedByANeighbour(string scheme, string path, string name)
    {
        var (options, isSafe) = (CookieOptions, scheme == "https");
        var context = new DefaultHttpContext { Request = { Scheme = scheme, PathBase = path } };

        options.CookieManager.AppendResponseCookie(context, options.Cookie.Name!, "secret", options.Cookie.Build(context));

        var cookie = SetCookieHeaderValue.Parse(Assert.Single(context.Response.Headers.SetCookie));
        Assert.Equal((name, isSafe, path.Length == 0 ? "/" : path), (cookie.Name.Value, cookie.Secure, cookie.Path.Value));
        context.Request.Headers.Cookie = "covidcxr=planted";
        Assert.Equal(isSafe ? null : "planted", options.CookieManager.GetRequestCookie(context, options.Cookie.Name!));
    }

    [Fact]
    public async Task SignIn_ReturnsToThisSiteAlone()
    {
        (string Asked, string Expected)[] pages =
        [
            ("/models", "/models"), ("//evil.example/", "/"), ("/\\evil.example/", "/"), ("/\t/evil.example/", "/"),
            ("https://evil.example/", "/"), ("/\u00A0x", "/%C2%A0x"), ("/%C2%A0x", "/%C2%A0x"),
            ("/models?a=\u00FC b\"<>", "/models?a=%C3%BC%20b%22%3C%3E"),
            ("/\u2028//evil.example/", "/%E2%80%A8//evil.example/"), ("/\uD83E\uDEC1", "/%F0%9F%AB%81"), ("/\r\nSet-Cookie: a=b", "/"),
            ("/\u0085x", "/"),
        ];

        await Assert.AllAsync(pages, async page =>
        {
            using var visitor = _installation.Visit();
            var response = await visitor.SignInAsync("reader", page: "/account/sign-in?ReturnUrl=" + Uri.EscapeDataString(page.Asked));
            Assert.Equal(new Uri(_installation.Address, page.Expected), response.Headers.Location);
        });
    }

    async Task ChangeAsync(Actor account, string role, bool isDisabled)
    {
        await using var scope = _installation.Services.CreateAsyncScope();
        Assert.Empty(
            await scope.ServiceProvider.GetRequiredService<ChangeAccount>().RunAsync(account.UserId, [role], isDisabled, TestClinic.Admin));
    }
}

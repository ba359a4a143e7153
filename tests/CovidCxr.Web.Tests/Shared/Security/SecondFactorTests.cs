using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Accounts;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.Shared.Security;

/// <summary>An authenticator beside the password: set up, asked for, guessed at, replayed, lost.</summary>
public sealed partial class SecondFactorTests : IAsyncLifetime
{
    readonly ManualTime _time = new();
    Installation _installation = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _installation = await Installation.StartAsync(_time);

    public ValueTask DisposeAsync() => _installation.DisposeAsync();

    [Fact]
    public async Task SignIn_WithAnAuthenticator_AsksForACode_AndTakesNoneTwice()
    {
        var (key, _) = await SetUpAsync(_installation, TestClinic.Reader);
        using var visitor = _installation.Visit();

        var half = await visitor.SignInAsync("reader", page: "/account/sign-in?ReturnUrl=%2Fmodels");
        Assert.StartsWith("/account/code?ReturnUrl=%2Fmodels", half.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
        // The password alone opens nothing, and neither does the code that set it up.
        Assert.Equal(HttpStatusCode.Redirect, (await visitor.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(visitor, Code(key))).StatusCode);
        _time.Advance(TimeSpan.FromMinutes(1));
        var whole = await SendAsync(visitor, Code(key), "/account/code?ReturnUrl=%2Fmodels");
        Assert.Equal("/models", whole.Headers.Location!.PathAndQuery);
        Assert.Equal(HttpStatusCode.OK, (await visitor.GetAsync("/")).StatusCode);

        using var thief = _installation.Visit();
        await thief.SignInAsync("reader");
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(thief, Code(key))).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await thief.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task Code_Guessed_LocksAsAPasswordDoes()
    {
        var (key, _) = await SetUpAsync(_installation, TestClinic.Reader);
        _time.Advance(TimeSpan.FromMinutes(1));
        using var visitor = _installation.Visit();
        await visitor.SignInAsync("reader");
        var wrong = Code(key) == "000000" ? "000001" : "000000";
        for (var i = 0; i < 5; i++)
        {
            // The right password between two guesses forgives none of them.
            await SendAsync(visitor, wrong);
            await visitor.SignInAsync("reader");
        }

        var right = await SendAsync(visitor, Code(key));

        Assert.Contains("too many wrong", await right.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await visitor.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task RecoveryCode_OpensOnce()
    {
        var (_, codes) = await SetUpAsync(_installation, TestClinic.Reader);
        Assert.Equal(10, codes.Distinct().Count());
        using var first = _installation.Visit();
        await first.SignInAsync("reader");
        Assert.Equal("/", (await SendAsync(first, $" {codes[3].ToLowerInvariant()} ")).Headers.Location!.PathAndQuery);
        using var second = _installation.Visit();
        await second.SignInAsync("reader");

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(second, codes[3])).StatusCode);
        Assert.Equal("/", (await SendAsync(second, codes[4])).Headers.Location!.PathAndQuery);
    }

    [Fact]
    public async Task RecoveryCode_OnAFullDisk_OpensNothing_AndOnceWhereThereIsRoom()
    {
        var (key, codes) = await SetUpAsync(_installation, TestClinic.Reader);
        _time.Advance(TimeSpan.FromMinutes(1));
        using var visitor = _installation.Visit();
        await visitor.SignInAsync("reader");
        _installation.Disk.IsFull = true;

        // As often as wrong ones would lock.
        for (var i = 0; i < 5; i++)
        {
            var answer = await SendAsync(visitor, codes[0]);
            Assert.Contains(
                "Recovery codes cannot be taken now", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.Redirect, (await visitor.GetAsync("/")).StatusCode);
        // The authenticator's own code is good for half a minute, and so kept in memory.
        Assert.Equal("/", (await SendAsync(visitor, Code(key))).Headers.Location!.PathAndQuery);

        _installation.Disk.IsFull = false;
        foreach (var isOpened in new[] { true, false })
        {
            using var again = _installation.Visit();
            await again.SignInAsync("reader");
            Assert.Equal(isOpened ? HttpStatusCode.Redirect : HttpStatusCode.OK, (await SendAsync(again, codes[0])).StatusCode);
        }
    }

    [Fact]
    public async Task SetUp_WithAWrongCode_ChangesNothing_AndKeepsThePicture()
    {
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        var key = KeyOn(await reader.ReadAsync("/account/authenticator"));

        var answer = await reader.SubmitAsync(
            "/account/authenticator", "set-up", ("Input.Password", Installation.Password), ("Input.Key", key), ("Input.Code", "12345"));

        var words = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("The code is wrong", words, StringComparison.Ordinal);
        Assert.Equal(key, KeyOn(words));
        using var again = await _installation.VisitAsync(TestClinic.Reader);
    }

    [Fact]
    public async Task Code_GuessedFromManyAddresses_LocksTheAccountForItsPassword()
    {
        await using var behind = await Installation.StartAsync(_time, settings: ("Proxies:Addresses", "127.0.0.1"));
        var (key, _) = await SetUpAsync(behind, TestClinic.Reader);
        _time.Advance(TimeSpan.FromMinutes(1));
        var wrong = Code(key) == "000000" ? "000001" : "000000";
        for (var i = 0; i < 5; i++)
        {
            using var elsewhere = behind.Visit(("X-Forwarded-For", $"10.0.0.{i}"), ("X-Test-Tls", "1"));
            await elsewhere.SignInAsync("reader");
            await SendAsync(elsewhere, wrong);
        }

        using var last = behind.Visit(("X-Forwarded-For", "10.0.1.1"), ("X-Test-Tls", "1"));
        await last.SignInAsync("reader");
        var words = await (await SendAsync(last, Code(key))).Content.ReadAsStringAsync(Cancellation);

        Assert.Contains("too many wrong", words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_OfASignIn_EndsWithFiveMinutesAndWithTheNextPassword()
    {
        var (key, _) = await SetUpAsync(_installation, TestClinic.Reader);
        using var slow = _installation.Visit();
        using var thief = _installation.Visit();
        await slow.SignInAsync("reader");
        await thief.SignInAsync("reader");
        _time.Advance(TimeSpan.FromMinutes(3));
        await SendAsync(slow, "wrong");
        _time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(slow, Code(key))).StatusCode);

        using var again = _installation.Visit();
        await again.SignInAsync("reader");
        await using (var scope = _installation.Services.CreateAsyncScope())
        {
            Assert.Empty(await scope.ServiceProvider.GetRequiredService<ResetPassword>().RunAsync(
                TestClinic.Reader.UserId, "another-fjord-cobalt-43", TestClinic.Admin));
        }

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(again, Code(key))).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await again.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task Cookie_Stolen_SetsNoFactorUp_AndGuessesNoPasswordWithoutEnd()
    {
        using var thief = await _installation.VisitAsync(TestClinic.Reader);
        var key = KeyOn(await thief.ReadAsync("/account/authenticator"));
        for (var i = 0; i < 5; i++)
        {
            await thief.SubmitAsync("/account/password", "password", ("Input.Current", $"guess {i}"), ("Input.Next", "guessed-cobalt-43"));
        }

        foreach (var password in new[] { "guess 6", Installation.Password })
        {
            var answer = await thief.SubmitAsync(
                "/account/authenticator", "set-up", ("Input.Password", password), ("Input.Key", key), ("Input.Code", Code(key)));
            Assert.Contains("Too many wrong passwords", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }

        using var owner = await _installation.VisitAsync(TestClinic.Reader);
    }

    [Fact]
    public async Task Factor_OfTheLastAdministrator_IsTakenAwayByACommand_WithItsRecoveryCodes()
    {
        var (_, codes) = await SetUpAsync(_installation, TestClinic.Admin);
        using var half = _installation.Visit();
        await half.SignInAsync("admin");
        var output = new StringWriter();

        Assert.Equal(1, await AccountCommands.RunAsync(_installation.Services, ["accounts", "remove-factor", "reader"], output));
        Assert.Equal(2, await AccountCommands.RunAsync(_installation.Services, ["accounts"], output));
        Assert.Equal(0, await AccountCommands.RunAsync(_installation.Services, ["accounts", "remove-factor", "admin"], output));

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(half, codes[0])).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await half.GetAsync("/")).StatusCode);
        using var admin = await _installation.VisitAsync(TestClinic.Admin);
    }

    [Fact]
    public async Task Form_OfAPageOpenedBefore_IsAnsweredInWords()
    {
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        var stale = await reader.SubmitAsync("/account/authenticator", "remove", ("Removal.Password", Installation.Password));

        Assert.Contains(
            "There is no second factor", await stale.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Factor_IsTakenAwayByItsOwnerWithThePassword_AndByAnAdministratorForAnother()
    {
        var (_, _) = await SetUpAsync(_installation, TestClinic.OtherReader);
        var (_, codes) = await SetUpAsync(_installation, TestClinic.Reader);
        using var reader = _installation.Visit();
        await reader.SignInAsync("reader");
        await SendAsync(reader, codes[0]);

        var wrong = await reader.SubmitAsync("/account/authenticator", "remove", ("Removal.Password", "not-the-password"));
        Assert.Contains("The password is wrong", await wrong.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        await reader.SubmitAsync("/account/authenticator", "remove", ("Removal.Password", Installation.Password));
        using var again = await _installation.VisitAsync(TestClinic.Reader);

        await using var scope = _installation.Services.CreateAsyncScope();
        var second = scope.ServiceProvider.GetRequiredService<SecondFactor>();
        await Assert.ThrowsAsync<AccessRefusedException>(() => second.RemoveAsync(TestClinic.OtherReader.UserId, TestClinic.Reader));
        Assert.Empty(await second.RemoveAsync(TestClinic.OtherReader.UserId, TestClinic.Admin));
        using var other = await _installation.VisitAsync(TestClinic.OtherReader);
        await using var db = scope.ServiceProvider.GetRequiredService<IDbContextFactory<CovidCxrDbContext>>().CreateDbContext();
        Assert.Equal(
            ["set up", "set up", "not confirmed", "taken away", "other: authenticator, passkeys and links taken away"],
            await db.Audit.Where(a => a.Action == AuditAction.SecondFactor).OrderBy(a => a.Id).Select(a => a.Detail)
                .ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Authenticator_BesideAPasskey_WantsIt_AndAnAdministratorTakesItAway()
    {
        await _installation.GivePasskeyAsync(TestClinic.Reader);
        using var thief = await _installation.VisitAsync(TestClinic.Reader);
        var key = KeyOn(await thief.ReadAsync("/account/authenticator"));

        var answer = await thief.SubmitAsync(
            "/account/authenticator", "set-up", ("Input.Password", Installation.Password), ("Input.Key", key), ("Input.Code", Code(key)));

        Assert.Contains("sign in with that first", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        await using var scope = _installation.Services.CreateAsyncScope();
        Assert.True((await scope.ServiceProvider.GetRequiredService<ListAccounts>().RunAsync(TestClinic.Admin, Cancellation))
            .Single(a => a.Id == TestClinic.Reader.UserId).HasSecondFactor);
        Assert.Empty(await scope.ServiceProvider.GetRequiredService<SecondFactor>().RemoveAsync(
            TestClinic.Reader.UserId, TestClinic.Admin));
        var (_, codes) = await SetUpAsync(_installation, TestClinic.Reader);
        Assert.NotEmpty(codes);
    }

    [Fact]
    public async Task Link_OfAProviderThatAsksNoSecondFactor_IsTakenAwayWithTheFactors()
    {
        await using var scope = _installation.Services.CreateAsyncScope();
        var accounts = scope.ServiceProvider.GetRequiredService<UserManager<Account>>();
        var reader = (await accounts.FindByIdAsync(TestClinic.Reader.UserId.ToString()))!;
        Assert.True((await accounts.AddLoginAsync(reader, new("https://provider.example", "s-1", "Provider"))).Succeeded);

        Assert.Empty(await scope.ServiceProvider.GetRequiredService<SecondFactor>().RemoveAsync(reader.Id, TestClinic.Admin));

        Assert.Empty(await accounts.GetLoginsAsync(reader));
    }

    [Fact]
    public async Task Administration_WhereTwoFactorsAreAsked_IsOpenToThemAlone()
    {
        await using var strict = await Installation.StartAsync(_time, settings: ("Accounts:SecondFactorForAdministrators", "true"));
        using var one = await strict.VisitAsync(TestClinic.Admin);
        Assert.Contains(
            "/account/denied", (await one.GetAsync("/admin/accounts")).Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Contains("Administrators need a second factor", await one.ReadAsync("/account/denied"), StringComparison.Ordinal);
        // A reader needs none.
        using var reader = await strict.VisitAsync(TestClinic.Reader);
        Assert.Equal(HttpStatusCode.OK, (await reader.GetAsync("/")).StatusCode);

        var (key, _) = await SetUpAsync(strict, TestClinic.Admin);
        _time.Advance(TimeSpan.FromMinutes(1));
        using var two = strict.Visit();
        await two.SignInAsync("admin");
        await SendAsync(two, Code(key));

        Assert.Equal(HttpStatusCode.OK, (await two.GetAsync("/admin/accounts")).StatusCode);
        // Also after the person was looked up anew.
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(HttpStatusCode.OK, (await two.GetAsync("/admin/accounts")).StatusCode);
        Assert.NotEqual(HttpStatusCode.OK, (await one.GetAsync("/admin/accounts")).StatusCode);
    }

    static Task<HttpResponseMessage> SendAsync(Visitor visitor, string code, string page = "/account/code") =>
        visitor.SubmitAsync(page, "code", ("Input.Code", code));

    async Task<(string Key, IReadOnlyList<string> Codes)> SetUpAsync(Installation installation, Actor actor)
    {
        using var person = await installation.VisitAsync(actor);
        var key = KeyOn(await person.ReadAsync("/account/authenticator"));
        var answer = await person.SubmitAsync(
            "/account/authenticator", "set-up", ("Input.Password", Installation.Password), ("Input.Key", key), ("Input.Code", Code(key)));
        var words = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("recovery codes", words, StringComparison.Ordinal);
        return (key, [.. RecoveryCode().Matches(words).Select(m => m.Groups[1].Value)]);
    }

    static string KeyOn(string page) => KeyField().Match(page).Groups[1].Value;

    // RFC 4226, section 5.3, over the 30 seconds of RFC 6238.
    string Code(string key)
    {
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, _time.GetUtcNow().ToUnixTimeSeconds() / 30);
        var bits = string.Concat(key.Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c), 2).PadLeft(5, '0')));
        var bytes = bits.Chunk(8).Select(b => Convert.ToByte(new string(b), 2)).ToArray();
#pragma warning disable CA5350 // Authenticator apps know SHA-1.
        var hash = HMACSHA1.HashData(bytes, counter);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 15)) & int.MaxValue;
        return (number % 1_000_000).ToString("000000", System.Globalization.CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("name=\"Input.Key\" value=\"([A-Z2-7]{32})\"")]
    private static partial Regex KeyField();

    [GeneratedRegex("<code>([A-Z0-9]{5}-[A-Z0-9]{5})</code>")]
    private static partial Regex RecoveryCode();
}

using System.Net;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Accounts;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.Shared.Security;

/// <summary>What no device made: refused in words, counted, and never an error of the server. Devices are in EndToEnd.Tests.</summary>
public sealed class PasskeyTests : IAsyncLifetime
{
    const string NoCredential = """
        {"id":"AAAA","rawId":"AAAA","type":"public-key","clientExtensionResults":{},"response":{"clientDataJSON":"e30",
        "authenticatorData":"AAAA","signature":"AAAA","userHandle":"AAAA","attestationObject":"AAAA"}}
        """;

    Installation _installation = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _installation = await Installation.StartAsync();

    public ValueTask DisposeAsync() => _installation.DisposeAsync();

    [Theory]
    [InlineData("", false)]
    [InlineData("no json", true)]
    [InlineData("{}", true)]
    [InlineData(NoCredential, true)]
    [InlineData(NoCredential, false)]
    public async Task Passkey_ThatNoDeviceMade_OpensNothing(string credential, bool isAsked)
    {
        using var visitor = _installation.Visit();
        if (isAsked)
        {
            Assert.Contains("challenge", await PostAsync(visitor, "ask"), StringComparison.Ordinal);
        }

        var answer = await PostAsync(visitor, "sign-in", ("credential", credential));

        Assert.Contains("This passkey opens no account here.", answer, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await visitor.GetAsync("/")).StatusCode);
        await using var db = _installation.Services.GetRequiredService<IDbContextFactory<CovidCxrDbContext>>().CreateDbContext();
        var entry = await db.Audit.OrderBy(a => a.Id).LastAsync(Cancellation);
        Assert.Equal((AuditAction.SignIn, AuditOutcome.Refused, "passkey"), (entry.Action, entry.Outcome, entry.Detail));
        Assert.NotNull(entry.Source);
    }

    [Fact]
    public async Task Passkeys_Guessed_LockTheAddress()
    {
        using var visitor = _installation.Visit();
        for (var i = 0; i < 5; i++)
        {
            await PostAsync(visitor, "ask");
            await PostAsync(visitor, "sign-in", ("credential", NoCredential));
        }

        Assert.Contains("too many wrong passkeys", await PostAsync(visitor, "sign-in", ("credential", "")), StringComparison.Ordinal);
        // A password is another door.
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
    }

    [Fact]
    public async Task Passkey_WithoutThePassword_OrADevice_IsNotKept()
    {
        using var reader = await _installation.VisitAsync(TestClinic.Reader);

        Assert.Contains(
            "The password is wrong.", await PostAsync(reader, "begin", ("password", "wrong-fjord-cobalt-42")), StringComparison.Ordinal);
        Assert.Contains(
            "could not be taken", await PostAsync(reader, "add", ("credential", NoCredential), ("name", "x")), StringComparison.Ordinal);
        var options = await PostAsync(reader, "begin", ("password", Installation.Password));
        Assert.Contains("userVerification\\\":\\\"required", options, StringComparison.Ordinal);
        Assert.Contains(
            "could not be taken", await PostAsync(reader, "add", ("credential", NoCredential), ("name", "x")), StringComparison.Ordinal);
        await using var db = _installation.Services.GetRequiredService<IDbContextFactory<CovidCxrDbContext>>().CreateDbContext();
        Assert.False(await db.UserPasskeys.AnyAsync(Cancellation));
    }

    [Fact]
    public async Task Password_Alone_NeitherAddsNorTakesAPasskey_WhereThereIsOne()
    {
        await _installation.GivePasskeyAsync(TestClinic.Reader);
        using var thief = await _installation.VisitAsync(TestClinic.Reader);

        Assert.Contains(
            "sign in with that first", await PostAsync(thief, "begin", ("password", Installation.Password)), StringComparison.Ordinal);
        var page = await thief.SubmitAsync("/account/passkeys", "remove-0102030405", ("Password", Installation.Password));

        Assert.Contains("sign in with that first", await page.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(1, await CountAsync());
        var confirm = _installation.Services.GetRequiredService<ConfirmPerson>();
        Assert.Null(await confirm.RunForFactorAsync("x", Installation.Password, TestClinic.Reader with { HasTwoFactors = true }));
    }

    [Fact]
    public async Task Passkey_OutlivesItsOwnersNewPassword_AndNoAdministrators()
    {
        await _installation.GivePasskeyAsync(TestClinic.Reader);
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        await reader.SubmitAsync(
            "/account/password", "password", ("Input.Current", Installation.Password), ("Input.Next", "another-fjord-cobalt-43"));
        Assert.Equal(1, await CountAsync());

        await using var scope = _installation.Services.CreateAsyncScope();
        Assert.Empty(await scope.ServiceProvider.GetRequiredService<ResetPassword>().RunAsync(
            TestClinic.Reader.UserId, "another-fjord-cobalt-44", TestClinic.Admin));

        Assert.Equal(0, await CountAsync());
        await using var db = _installation.Services.GetRequiredService<IDbContextFactory<CovidCxrDbContext>>().CreateDbContext();
        Assert.Contains(
            "reader: new password, passkeys and links taken away", await db.Audit.Select(a => a.Detail).ToListAsync(Cancellation));
    }

    async Task<int> CountAsync()
    {
        await using var db = _installation.Services.GetRequiredService<IDbContextFactory<CovidCxrDbContext>>().CreateDbContext();
        return await db.UserPasskeys.CountAsync(Cancellation);
    }

    static async Task<string> PostAsync(Visitor visitor, string what, params (string Name, string Value)[] fields)
    {
        var answer = await visitor.PostAsync(
            $"/account/passkeys/{what}",
            [.. fields, ("__RequestVerificationToken", await visitor.TokenAsync(what is "ask" or "sign-in" ? "/account/sign-in" : "/"))]);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }
}

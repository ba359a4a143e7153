using System.Text.Json.Nodes;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Accounts;
using CovidCxr.Storage;
using CovidCxr.Testing;
using CovidCxr.Web.Shared.Security;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.Shared.Security;

/// <summary>Somebody without a password, asked again at the identity provider; and what is no answer to that.</summary>
[Trait("Speed", "Slow")]
public sealed class ProviderConfirmTests : IAsyncLifetime
{
    const string Act = "sign 1";

    BentProvider _provider = null!;
    Installation _installation = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _provider = await BentProvider.StartAsync();
        Be("s-1");
        _installation = await Installation.StartAsync(settings: _provider.Settings(
            ("CreatesAccounts", "true"), ("Roles:0:Group", "readers"), ("Roles:0:Role", "Radiologist")));
    }

    public async ValueTask DisposeAsync()
    {
        await _installation.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Fact]
    public async Task Provider_AskedAgain_ConfirmsThisActOnce()
    {
        using var anna = await SignInAsync();
        Assert.Contains("Confirm at Bent", await anna.ReadAsync("/account/authenticator"), StringComparison.Ordinal);
        Assert.Contains("Confirm it with a passkey or at your identity provider", await ConfirmAsync(anna), StringComparison.Ordinal);

        var back = await anna.GetAsync(await GoAsync(anna));

        var asked = _provider.Asked.Last().Query;
        Assert.Equal(("login", "0"), (asked["prompt"], asked["max_age"]));
        Assert.Equal("/models?a=1", back.Headers.Location!.OriginalString);
        Assert.NotNull(await ConfirmAsync(anna, "sign 2"));
        Assert.Null(await ConfirmAsync(anna));
        Assert.NotNull(await ConfirmAsync(anna));
        await using var db = Database();
        Assert.Equal(
            (AuditOutcome.Succeeded, "asked again by bent"),
            await db.Audit.Where(a => a.Action == AuditAction.PersonConfirm).Select(a => ValueTuple.Create(a.Outcome, a.Detail))
                .SingleAsync(Cancellation));
    }

    [Theory]
    [InlineData("old", "NotAskedAgain")]
    [InlineData("future", "NotAskedAgain")]
    [InlineData("no time", "NotAskedAgain")]
    [InlineData("second 0", "NotAskedAgain")]
    [InlineData("another person", "OtherPerson")]
    [InlineData("another account", "OtherPerson")]
    [InlineData("another session", "OtherSession")]
    [InlineData("another act", "OtherSession")]
    public async Task Provider_ThatAnswersSomethingElse_ConfirmsNothing(string what, string refusal)
    {
        Be("s-2");
        using var colleague = await SignInAsync();
        Be("s-1");
        using var anna = await SignInAsync();
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        _provider.BendClaims = claims =>
        {
            switch (what)
            {
                case "old":
                    claims["auth_time"] = now - 600;
                    break;
                case "future":
                    claims["auth_time"] = now + 600;
                    break;
                case "no time":
                    claims.Remove("auth_time");
                    break;
                case "second 0":
                    claims["auth_time"] = 0;
                    break;
                case "another person":
                    claims["sub"] = "s-9";
                    break;
                case "another account":
                    claims["sub"] = "s-2";
                    break;
            }
        };
        var callback = await GoAsync(anna);
        if (what == "another session")
        {
            await anna.PostAsync("/account/sign-out", ("__RequestVerificationToken", await anna.TokenAsync("/")));
            await anna.SignInByAsync("bent");
        }
        else if (what == "another act")
        {
            await GoAsync(anna, "sign 2");
        }

        var end = await anna.GetAsync(callback);

        Assert.StartsWith($"/account/providers?Refused={refusal}", end.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Contains("role=\"alert\"", await anna.ReadAsync(end.Headers.Location.OriginalString), StringComparison.Ordinal);
        Assert.NotNull(await ConfirmAsync(anna));
        Assert.NotNull(await ConfirmAsync(anna, "sign 2"));
        await using var db = Database();
        Assert.Equal(
            AuditOutcome.Refused, (await db.Audit.SingleAsync(a => a.Action == AuditAction.PersonConfirm, Cancellation)).Outcome);
    }

    [Fact]
    public async Task Answer_ThatIsRight_ForgivesTheWrongOnesBefore()
    {
        using var anna = await SignInAsync();
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 4; i++)
            {
                await ConfirmTests.PostAsync(anna, "passkey", ("credential", ""));
            }

            await anna.GetAsync(await GoAsync(anna));
            Assert.Null(await ConfirmAsync(anna));
        }
    }

    [Fact]
    public async Task Answer_InAnotherBrowser_OrTwice_ConfirmsNothing()
    {
        _provider.IsCareless = true;
        using var anna = await SignInAsync();
        using var elsewhere = await SignInAsync();
        var callback = await GoAsync(anna);
        Assert.Contains("Refused=Failed", (await elsewhere.GetAsync(callback)).Headers.Location!.OriginalString, StringComparison.Ordinal);
        await anna.GetAsync(callback);
        Assert.Null(await ConfirmAsync(anna));

        Assert.Contains("Refused=Failed", (await anna.GetAsync(callback)).Headers.Location!.OriginalString, StringComparison.Ordinal);

        Assert.NotNull(await ConfirmAsync(anna));
        Assert.NotNull(await ConfirmAsync(elsewhere));
    }

    [Fact]
    public async Task Account_WithAPassword_IsAskedForThat_AndNotAtTheProvider()
    {
        using var reader = await _installation.VisitAsync(TestClinic.Reader);

        Assert.Contains(
            "cannot be confirmed there", await ConfirmTests.PostAsync(reader, "provider", ("act", Act), ("provider", "bent")),
            StringComparison.Ordinal);
        Assert.Contains(
            "cannot be confirmed there", await ConfirmTests.PostAsync(reader, "provider", ("act", Act), ("provider", "none")),
            StringComparison.Ordinal);
        Assert.DoesNotContain("Confirm at Bent", await reader.ReadAsync("/account/authenticator"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Account_WithoutAPassword_KeepsItsOnlyDoor()
    {
        using var anna = await SignInAsync();
        await anna.GetAsync(await GoAsync(anna, ProviderLink.ActOf("bent")));

        var page = await anna.SubmitAsync("/account/providers", "provider-bent");

        Assert.Contains("nothing else would open it", await page.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        await using var db = Database();
        Assert.Equal(1, await db.UserLogins.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Account_WithoutAPassword_TakesNoOtherLink_AndKeepsItsLastPasskey()
    {
        using var anna = await SignInAsync();
        var actor = _installation.PersonOf(anna).ToActor();
        using var passkey = new SoftPasskey();
        await _installation.GivePasskeyAsync(actor, passkey.Info);
        await anna.GetAsync(await GoAsync(anna, ProviderLink.ActOf("bent")));
        await using var scope = _installation.Services.CreateAsyncScope();
        var link = scope.ServiceProvider.GetRequiredService<ProviderLink>();
        var provider = new ProviderOptions { Id = "other", Authority = "https://other.example" };

        Assert.Contains("no other provider can be linked", await link.BeginAsync("bent", "", actor), StringComparison.Ordinal);
        Assert.Equal(
            ProviderRefusal.Taken, await link.CompleteAsync(new(provider, "s-1", null, "s-1", [], false, null, null), actor));
        await using var db = Database();
        Assert.Equal(1, await db.UserLogins.CountAsync(Cancellation));

        // Its link may be gone already, as its provider is.
        await db.UserLogins.ExecuteDeleteAsync(Cancellation);
        var confirm = _installation.Services.GetRequiredService<Confirmations>();
        var id = Convert.ToHexString(passkey.Info.CredentialId);
        confirm.Give(confirm.Ask(Passkeys.RemoveAct(id), null, actor)!, hasTwoFactors: true, actor);
        Assert.Contains(
            "nothing else would open it",
            await scope.ServiceProvider.GetRequiredService<Passkeys>().RemoveAsync(id, "", actor), StringComparison.Ordinal);
        Assert.Equal(1, await db.UserPasskeys.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Authenticator_SetUpAndTakenAway_AskedAtTheProvider_KeepsWhoVouched()
    {
        using var anna = await SignInAsync();
        await anna.GetAsync(await GoAsync(anna, SecondFactor.SetUpAct));
        const string field = "name=\"Input.Key\" value=\"";
        var page = await anna.ReadAsync("/account/authenticator");
        Assert.Contains("You have shown who you are", page, StringComparison.Ordinal);
        var key = page[(page.IndexOf(field, StringComparison.Ordinal) + field.Length)..][..32];

        // A mistyped code does not use the answer up.
        await SetUpAsync("12345");
        await SetUpAsync(new OtpNet.Totp(OtpNet.Base32Encoding.ToBytes(key)).ComputeTotp());
        Assert.Equal((true, _provider.Issuer), await StateAsync());

        await anna.GetAsync(await GoAsync(anna, SecondFactor.RemoveAct));
        await anna.SubmitAsync("/account/authenticator", "remove");
        Assert.Equal((false, _provider.Issuer), await StateAsync());

        Task SetUpAsync(string code) =>
            anna.SubmitAsync("/account/authenticator", "set-up", ("Input.Key", key), ("Input.Code", code));

        async Task<(bool IsOn, string? Issuer)> StateAsync()
        {
            await using var db = Database();
            var account = await db.Users.AsNoTracking().SingleAsync(u => u.UserName == "s-1", Cancellation);
            var open = await db.AccountSessions.SingleAsync(s => s.AccountId == account.Id && s.EndedAt == null, Cancellation);
            return (account.TwoFactorEnabled, open.Issuer);
        }
    }

    void Be(string subject) => _provider.Person = new()
    {
        ["sub"] = subject,
        ["preferred_username"] = subject,
        ["groups"] = new JsonArray("readers"),
    };

    async Task<Visitor> SignInAsync()
    {
        var visitor = _installation.Visit();
        Assert.Equal("/", (await visitor.SignInByAsync("bent")).PathAndQuery);
        return visitor;
    }

    /// <returns>Where the provider sends the browser back to.</returns>
    static async Task<string> GoAsync(Visitor visitor, string act = Act)
    {
        var answer = await ConfirmTests.PostAsync(
            visitor, "provider", ("act", act), ("provider", "bent"), ("returnUrl", "/models?a=1"));
        return (await visitor.GetAsync(JsonNode.Parse(answer)!["address"]!.GetValue<string>())).Headers.Location!.OriginalString;
    }

    Task<string?> ConfirmAsync(Visitor visitor, string act = Act) =>
        _installation.Services.GetRequiredService<ConfirmPerson>().RunAsync(act, "", _installation.PersonOf(visitor).ToActor());

    CovidCxrDbContext Database() =>
        _installation.Services.GetRequiredService<IDbContextFactory<CovidCxrDbContext>>().CreateDbContext();
}

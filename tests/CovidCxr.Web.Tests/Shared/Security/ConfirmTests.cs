using System.Net;
using System.Text.Json.Nodes;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Accounts;
using CovidCxr.Storage;
using CovidCxr.Testing;
using CovidCxr.Web.Shared.Security;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.Shared.Security;

/// <summary>A passkey in place of the password, where that is asked again, and what an adversary would make of it.</summary>
public sealed class ConfirmTests : IAsyncLifetime
{
    const string Act = "sign 1", WrongPassword = "The password is wrong.";

    readonly ManualTime _time = new();
    readonly SoftPasskey _passkey = new();
    Installation _installation = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _installation = await Installation.StartAsync(_time);
        await _installation.GivePasskeyAsync(TestClinic.Reader, _passkey.Info);
    }

    public async ValueTask DisposeAsync()
    {
        _passkey.Dispose();
        await _installation.DisposeAsync();
    }

    [Fact]
    public async Task Passkey_Confirms_ThisActOfThisSession_Once()
    {
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        using var elsewhere = await _installation.VisitAsync(TestClinic.Reader);

        Assert.Contains("isDone", await ShowAsync(reader, await AskAsync(reader)), StringComparison.Ordinal);

        Assert.Equal(WrongPassword, await ConfirmAsync(reader, "sign 2"));
        Assert.Equal(WrongPassword, await ConfirmAsync(elsewhere, Act));
        Assert.Null(await ConfirmAsync(reader, Act));
        Assert.Equal(WrongPassword, await ConfirmAsync(reader, Act));
        var entry = await LastEntryAsync();
        Assert.Equal((AuditOutcome.Succeeded, "asked again by passkey"), (entry.Outcome, entry.Detail));
        Assert.NotNull(entry.Source);
    }

    [Theory]
    [InlineData("another account's")]
    [InlineData("without the person")]
    [InlineData("another session's")]
    [InlineData("an old question's")]
    [InlineData("too late")]
    [InlineData("nothing")]
    public async Task Passkey_ThatIsNotRight_ConfirmsNothing(string what)
    {
        using var other = new SoftPasskey();
        await _installation.GivePasskeyAsync(TestClinic.OtherReader, other.Info);
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        using var elsewhere = await _installation.VisitAsync(TestClinic.Reader);
        var asked = await AskAsync(reader);
        _passkey.VerifiesThePerson = what != "without the person";
        var answer = (what == "another account's" ? other : _passkey).Answer(asked, _installation.Address);
        switch (what)
        {
            case "another session's":
                // It has a question of its own.
                await AskAsync(elsewhere);
                break;
            case "an old question's":
                await AskAsync(reader);
                break;
            case "too late":
                _time.Advance(TimeSpan.FromMinutes(5));
                break;
            case "nothing":
                answer = "";
                break;
        }

        var visitor = what == "another session's" ? elsewhere : reader;
        Assert.Contains("does not confirm it", await PostAsync(visitor, "passkey", ("credential", answer)), StringComparison.Ordinal);

        Assert.Equal(WrongPassword, await ConfirmAsync(visitor, Act));
        var entry = await LastEntryAsync();
        Assert.Equal((AuditOutcome.Refused, "asked again by passkey"), (entry.Outcome, entry.Detail));
    }

    [Fact]
    public async Task Answer_SentTwice_CountsOnce()
    {
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        var answer = _passkey.Answer(await AskAsync(reader), _installation.Address);
        Assert.Contains("isDone", await PostAsync(reader, "passkey", ("credential", answer)), StringComparison.Ordinal);
        Assert.Null(await ConfirmAsync(reader, Act));

        Assert.Contains(
            "does not confirm it", await PostAsync(reader, "passkey", ("credential", answer)), StringComparison.Ordinal);

        Assert.Equal(WrongPassword, await ConfirmAsync(reader, Act));
    }

    [Fact]
    public async Task Confirmation_LeftOnAnOpenPage_LastsThreeMinutes_AndEndsWithTheAccount()
    {
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        await ShowAsync(reader, await AskAsync(reader));
        _time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(WrongPassword, await ConfirmAsync(reader, Act));

        var actor = _installation.PersonOf(reader).ToActor();
        await ShowAsync(reader, await AskAsync(reader));
        await using var scope = _installation.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ChangeAccount>().RunAsync(
            actor.UserId, [Role.Radiologist], isDisabled: true, TestClinic.Admin);
        Assert.Contains(
            "can no longer sign in", await _installation.Services.GetRequiredService<ConfirmPerson>().RunAsync(Act, "", actor),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task WrongPasskeys_Lock_AsWrongPasswordsDo_AndTheRightOneForgives()
    {
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        for (var i = 0; i < 4; i++)
        {
            await PostAsync(reader, "passkey", ("credential", ""));
        }

        Assert.Contains("isDone", await ShowAsync(reader, await AskAsync(reader)), StringComparison.Ordinal);
        Assert.Null(await ConfirmAsync(reader, Act));
        for (var i = 0; i < 5; i++)
        {
            await PostAsync(reader, "passkey", ("credential", ""));
        }

        Assert.Contains("Too many wrong tries", await ShowAsync(reader, await AskAsync(reader)), StringComparison.Ordinal);
        Assert.Contains("Too many", await ConfirmAsync(reader, Act, Installation.Password), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Passkey_IsTwoFactors_WhereAWayToSignInGoes_OnThePageItself()
    {
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        var id = Convert.ToHexString(_passkey.Info.CredentialId);
        Assert.Contains("Confirm with a passkey", await reader.ReadAsync("/account/passkeys"), StringComparison.Ordinal);
        Assert.Contains("sign in with that first", await RemoveAsync(Installation.Password), StringComparison.Ordinal);
        // For another one than that.
        await ShowAsync(reader, await AskAsync(reader, Passkeys.RemoveAct("FF")));
        Assert.Contains(WrongPassword, await RemoveAsync(""), StringComparison.Ordinal);

        await ShowAsync(reader, await AskAsync(reader, Passkeys.RemoveAct(id)));
        Assert.Contains("You have shown who you are", await reader.ReadAsync("/account/passkeys"), StringComparison.Ordinal);
        await RemoveAsync("");

        await using var db = Database();
        Assert.False(await db.UserPasskeys.AnyAsync(Cancellation));

        async Task<string> RemoveAsync(string password) => WebUtility.HtmlDecode(
            await (await reader.SubmitAsync("/account/passkeys", $"remove-{id}", ("Password", password)))
                .Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task Ask_WithoutAPasskey_OrForNothing_IsRefusedInWords()
    {
        using var other = await _installation.VisitAsync(TestClinic.OtherReader);
        using var reader = await _installation.VisitAsync(TestClinic.Reader);

        Assert.Contains("has no passkey", await PostAsync(other, "ask", ("act", Act)), StringComparison.Ordinal);
        Assert.Contains("cannot be confirmed", await PostAsync(reader, "ask", ("act", "")), StringComparison.Ordinal);
        Assert.Contains(
            "cannot be confirmed", await PostAsync(reader, "ask", ("act", new string('x', 1000))), StringComparison.Ordinal);
        Assert.DoesNotContain("Confirm with a passkey", await other.ReadAsync("/account/authenticator"), StringComparison.Ordinal);
    }

    static async Task<string> AskAsync(Visitor visitor, string act = Act) =>
        JsonNode.Parse(await PostAsync(visitor, "ask", ("act", act)))!["options"]!.GetValue<string>();

    Task<string> ShowAsync(Visitor visitor, string asked) =>
        PostAsync(visitor, "passkey", ("credential", _passkey.Answer(asked, _installation.Address)));

    Task<string?> ConfirmAsync(Visitor visitor, string act, string password = "") =>
        _installation.Services.GetRequiredService<ConfirmPerson>().RunAsync(act, password, _installation.PersonOf(visitor).ToActor());

    internal static async Task<string> PostAsync(Visitor visitor, string what, params (string Name, string Value)[] fields)
    {
        var answer = await visitor.PostAsync(
            $"/account/confirm/{what}", [.. fields, ("__RequestVerificationToken", await visitor.TokenAsync("/"))]);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }

    async Task<AuditEntry> LastEntryAsync()
    {
        await using var db = Database();
        return await db.Audit.Where(a => a.Action == AuditAction.PersonConfirm).OrderBy(a => a.Id).LastAsync(Cancellation);
    }

    CovidCxrDbContext Database() =>
        _installation.Services.GetRequiredService<IDbContextFactory<CovidCxrDbContext>>().CreateDbContext();
}

using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Laboratory.Models;
using CovidCxr.Learning.Gate;
using CovidCxr.Platform.Accounts;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Tests.Models;

/// <summary>Two administrators with passwords of their own.</summary>
[Trait("Speed", "Slow")]
public sealed class SignModelTests : IAsyncLifetime
{
    const string OtherName = "second@clinic.local", OtherPassword = "walnut-harvest-circuit-5";

    static readonly DemoAccount Demo = SeedDemoAccounts.All.Single(a => a.Role == Role.Admin);

    readonly TestClinic _clinic = new(hasPeople: false);
    Actor _one = null!, _other = null!;
    Guid _version;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _clinic.PrepareAccountsAsync(isDemo: true);
        _one = await ActorAsync(Demo.UserName);
        Assert.Empty(await _clinic.RequestAsync<CreateAccount, IReadOnlyList<string>>(
            c => c.RunAsync(OtherName, OtherPassword, [Role.Admin], _one)));
        _other = await ActorAsync(OtherName);
        _version = await _clinic.Get<RegisterModel>().RunAsync(TestModels.First, _one, Cancellation);
        await JudgeAsync(GateVerdict.Passed);
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    async Task<Actor> ActorAsync(string name)
    {
        await using var db = _clinic.Context();
        var id = await db.Users.Where(u => u.UserName == name).Select(u => u.Id).SingleAsync(Cancellation);
        return new(id, name, new HashSet<string> { Role.Admin });
    }

    async Task JudgeAsync(GateVerdict verdict)
    {
        await using var db = _clinic.Context();
        var sha = await db.ModelVersions.Select(m => m.Sha256).SingleAsync(Cancellation);
        await TestModels.AcceptAsync(_clinic, _version, TestModels.Evidence(sha, verdict));
    }

    async Task<Acceptance> AcceptanceAsync() => (await _clinic.Get<GetGate>().RunAsync(_version, _one, Cancellation))!.Acceptance;

    async Task<string?> SignAsync(Actor actor, string password, string? hash = null) => await _clinic.Get<SignModel>().RunAsync(
        _version, hash ?? (await AcceptanceAsync()).EvidenceHash, password, actor, Cancellation);

    [Fact]
    public async Task Sign_ByTwo_AcceptsTheVersion()
    {
        Assert.Equal(2, (await AcceptanceAsync()).Needed);
        Assert.Null(await SignAsync(_one, Demo.Password));
        Assert.Contains("1 of 2 signatures", (await AcceptanceAsync()).Objection, StringComparison.Ordinal);
        Assert.Contains("another administrator's", await SignAsync(_one, Demo.Password), StringComparison.Ordinal);
        Assert.Null(await SignAsync(_other, OtherPassword));

        Assert.Null((await AcceptanceAsync()).Objection);
        Assert.Equal(
            [AuditOutcome.Succeeded, AuditOutcome.Refused, AuditOutcome.Succeeded],
            (await _clinic.AuditAsync(AuditAction.ModelSign)).Select(a => a.Outcome));
    }

    [Fact]
    public async Task Sign_OfAVersionThatPassedByEarlierLimitsAlone_IsRefused()
    {
        await using (var db = _clinic.Context())
        {
            var earlier = (await db.GateResults.SingleAsync(Cancellation)).Evidence.Replace(
                $"\"edition\": {GateLimits.Current.Edition}", $"\"edition\": {GateLimits.Current.Edition - 1}", StringComparison.Ordinal);
            await db.GateResults.ExecuteUpdateAsync(s => s.SetProperty(g => g.Evidence, earlier), Cancellation);
        }

        Assert.Contains("by earlier limits", await SignAsync(_one, Demo.Password), StringComparison.Ordinal);
        await JudgeAsync(GateVerdict.Passed);
        Assert.Null(await SignAsync(_one, Demo.Password));
    }

    [Fact]
    public async Task Sign_ByAPasskey_IsForTheEvidenceThatItWasAskedFor()
    {
        var hash = (await AcceptanceAsync()).EvidenceHash;
        var here = _one with { Session = Guid.NewGuid() };
        var confirmations = _clinic.Get<Confirmations>();
        confirmations.Give(confirmations.Ask(SignModel.ActOf(_version, "0"), "asked", here)!, hasTwoFactors: true, here);
        Assert.Equal("The password is wrong.", await SignAsync(here, "", hash));

        confirmations.Give(confirmations.Ask(SignModel.ActOf(_version, hash), "asked", here)!, hasTwoFactors: true, here);
        Assert.Equal("The password is wrong.", await SignAsync(_one with { Session = Guid.NewGuid() }, "", hash));
        Assert.Null(await SignAsync(here, "", hash));
        Assert.Single((await AcceptanceAsync()).Signatures);
    }

    [Fact]
    public async Task Sign_WithAWrongPassword_IsRefusedAndLocksInTheEnd()
    {
        for (var i = 0; i < 5; i++)
        {
            Assert.NotNull(await SignAsync(_one, OtherPassword));
        }

        Assert.Contains("Too many wrong", await SignAsync(_one, Demo.Password), StringComparison.Ordinal);
        Assert.Empty((await AcceptanceAsync()).Signatures);
        Assert.Equal(6, (await _clinic.AuditAsync(AuditAction.ModelSign)).Count(a => a.Outcome == AuditOutcome.Refused));
    }

    [Fact]
    public async Task Sign_OfEvidenceThatHasChangedSince_IsRefused()
    {
        var seen = (await AcceptanceAsync()).EvidenceHash;
        await JudgeAsync(GateVerdict.Passed);

        Assert.Contains("has changed", await SignAsync(_one, Demo.Password, seen), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sign_OfWhatTheGateRefuses_IsRefused()
    {
        await JudgeAsync(GateVerdict.Refused);

        Assert.Contains("The gate refuses", await SignAsync(_one, Demo.Password), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Needed_WhereTheSecondAdministratorIsDisabled_IsOne()
    {
        Assert.Empty(await _clinic.RequestAsync<ChangeAccount, IReadOnlyList<string>>(
            c => c.RunAsync(_other.UserId, [Role.Admin], isDisabled: true, _one)));

        Assert.Equal(1, (await AcceptanceAsync()).Needed);
    }

    [Fact]
    public Task Sign_OfNoAdministrator_IsRefused() => Assert.ThrowsAsync<AccessRefusedException>(() =>
        SignAsync(_one with { Roles = new HashSet<string> { Role.DepartmentLead } }, Demo.Password, "0"));
}

using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Accounts;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.AspNetCore.Identity;

namespace CovidCxr.Platform.Tests.Accounts;

public sealed class SignInTests : IAsyncLifetime
{
    const string Name = "ada@clinic.example", Password = "lantern fjord cobalt", Wrong = "meadow sextant amber";

    readonly TestClinic _clinic = new(hasPeople: false, isReal: true);
    Actor _admin = null!;
    Guid _ada;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _clinic.PrepareAccountsAsync(isDemo: true);
        _admin = new(await IdAsync("admin@demo.local"), "admin@demo.local", new HashSet<string> { Role.Admin });
        Assert.Empty(
            await _clinic.RequestAsync<CreateAccount, IReadOnlyList<string>>(c => c.RunAsync(Name, Password, [Role.Radiologist], _admin)));
        _ada = await IdAsync(Name);
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    Task<Guid> IdAsync(string name) => _clinic.RequestAsync<UserManager<Account>, Guid>(async m => (await m.FindByNameAsync(name))!.Id);

    Task<SignInOutcome> SignInAsync(string password, string name = Name, string address = "10.0.0.1") =>
        _clinic.RequestAsync<SignIn, SignInOutcome>(s => s.RunAsync(name, password, address));

    Task<System.Security.Claims.ClaimsPrincipal> SessionAsync() =>
        _clinic.RequestAsync<SignInManager<Account>, System.Security.Claims.ClaimsPrincipal>(
            async m => await m.CreateUserPrincipalAsync((await m.UserManager.FindByNameAsync(Name))!));

    Task<bool> IsValidAsync(System.Security.Claims.ClaimsPrincipal session) =>
        _clinic.RequestAsync<CheckSession, bool>(c => c.RunAsync(session));

    Task<IReadOnlyList<string>> ChangeAsync(Guid account, bool isDisabled, params string[] roles) =>
        _clinic.RequestAsync<ChangeAccount, IReadOnlyList<string>>(c => c.RunAsync(account, roles, isDisabled, _admin));

    [Fact]
    public async Task RunAsync_RightAndWrong_IsAudited()
    {
        Assert.Equal(SignInOutcome.Succeeded, await SignInAsync(Password));
        Assert.Equal(SignInOutcome.Succeeded, await SignInAsync(Password, Name.ToUpperInvariant()));
        Assert.Equal(SignInOutcome.Wrong, await SignInAsync(Wrong));
        Assert.Equal(SignInOutcome.Wrong, await SignInAsync(Password, "nobody@clinic.example"));

        var entries = await _clinic.AuditAsync(AuditAction.SignIn);
        Assert.Equal(
            [
                (AuditOutcome.Succeeded, (Guid?)_ada, null), (AuditOutcome.Succeeded, _ada, null), (AuditOutcome.Refused, _ada, null),
                (AuditOutcome.Refused, null, "unknown name")],
            entries.Select(e => (e.Outcome, e.UserId, e.Detail)));
    }

    [Fact]
    public async Task RunAsync_FiveWrongPasswords_LockTheAccountForTheirAddress()
    {
        for (var i = 1; i < 5; i++)
        {
            Assert.Equal(SignInOutcome.Wrong, await SignInAsync(Wrong));
        }

        Assert.Equal(SignInOutcome.LockedOut, await SignInAsync(Wrong));
        Assert.Equal(SignInOutcome.LockedOut, await SignInAsync(Password));

        Assert.Equal(SignInOutcome.LockedOut, await SignInAsync(Password, $" {Name.ToUpperInvariant()}"));
        // A colleague's guesses, or a stranger's, do not keep ada out at her own desk.
        Assert.Equal(SignInOutcome.Succeeded, await SignInAsync(Password, address: "10.0.0.2"));
        Assert.Equal(SignInOutcome.LockedOut, await SignInAsync(Password));

        Assert.True((await _clinic.Get<ListAccounts>().RunAsync(_admin, Cancellation)).Single(a => a.Id == _ada).IsLocked);
        Assert.Equal(SignInOutcome.Succeeded, await SignInAsync("harbour-quartz-violet-88", "admin@demo.local"));
    }

    [Fact]
    public async Task RunAsync_OfANameThatNobodyHas_AnswersAsOfOneThatSomebodyHas()
    {
        foreach (var name in new[] { Name, "nobody@clinic.example" })
        {
            List<SignInOutcome> answers = [];
            for (var i = 0; i < 7; i++)
            {
                answers.Add(await SignInAsync(Wrong, name));
            }

            Assert.Equal([.. Enumerable.Repeat(SignInOutcome.Wrong, 4), .. Enumerable.Repeat(SignInOutcome.LockedOut, 3)], answers);
        }
    }

    [Fact]
    public async Task ResetPassword_OfALockedAccount_UnlocksItWithTheNewOneAndEndsItsSession()
    {
        const string next = "walnut-harvest-circuit-5";
        var session = await SessionAsync();
        for (var i = 0; i < 5; i++)
        {
            await SignInAsync(Wrong);
        }

        Assert.NotEmpty(await ResetAsync(_ada, "passwordpassword"));
        Assert.NotEmpty(await ResetAsync(_admin.UserId, next));
        Assert.NotEmpty(await ResetAsync(Guid.NewGuid(), next));
        Assert.Equal(SignInOutcome.LockedOut, await SignInAsync(Password));
        Assert.Empty(await ResetAsync(_ada, next));

        Assert.False(await IsValidAsync(session));
        Assert.Equal(SignInOutcome.Wrong, await SignInAsync(Password));
        Assert.Equal(SignInOutcome.Succeeded, await SignInAsync(next));
        Assert.All((await _clinic.AuditAsync(AuditAction.AccountChange)), a =>
            Assert.DoesNotContain(next, a.Detail ?? "", StringComparison.Ordinal));
    }

    Task<IReadOnlyList<string>> ResetAsync(Guid account, string password) =>
        _clinic.RequestAsync<ResetPassword, IReadOnlyList<string>>(r => r.RunAsync(account, password, _admin));

    [Fact]
    public async Task RunAsync_RightAfterFourWrong_StartsTheCountAgain()
    {
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 4; i++)
            {
                await SignInAsync(Wrong);
            }

            Assert.Equal(SignInOutcome.Succeeded, await SignInAsync(Password));
        }
    }

    [Fact]
    public async Task ChangeAccount_Roles_EndTheSessionAndRuleTheNext()
    {
        var session = await SessionAsync();
        Assert.True(await IsValidAsync(session));

        Assert.Empty(await ChangeAsync(_ada, isDisabled: false, Role.DepartmentLead));

        Assert.False(await IsValidAsync(session));
        var next = await SessionAsync();
        Assert.True(await IsValidAsync(next));
        Assert.Equal((true, false), (next.IsInRole(Role.DepartmentLead), next.IsInRole(Role.Radiologist)));
        var interval = _clinic.Get<Microsoft.Extensions.Options.IOptions<SecurityStampValidatorOptions>>().Value.ValidationInterval;
        Assert.InRange(interval, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task ChangeAccount_Disabled_EndsTheSessionAndRefusesTheNext()
    {
        var session = await SessionAsync();

        Assert.Empty(await ChangeAsync(_ada, isDisabled: true, Role.Radiologist));

        Assert.False(await IsValidAsync(session));
        Assert.False(await IsValidAsync(await SessionAsync()));
        Assert.Equal(SignInOutcome.Wrong, await SignInAsync(Password));
    }

    [Fact]
    public async Task ChangeAccount_OwnAdministration_CannotBeTakenAway()
    {
        Assert.NotEmpty(await ChangeAsync(_admin.UserId, isDisabled: false, Role.Radiologist));
        Assert.NotEmpty(await ChangeAsync(_admin.UserId, isDisabled: true, Role.Admin));
        Assert.NotEmpty(await ChangeAsync(_ada, isDisabled: false, "Owner"));

        Assert.All(await _clinic.AuditAsync(AuditAction.AccountChange), e => Assert.Equal(AuditOutcome.Refused, e.Outcome));
        Assert.Equal(3, (await _clinic.AuditAsync(AuditAction.AccountChange)).Count);
    }

    [Fact]
    public async Task ChangePassword_AsksTheOldOneAndKeepsTheRules()
    {
        var self = new Actor(_ada, Name, new HashSet<string> { Role.Radiologist });
        Task<IReadOnlyList<string>> Change(string old, string next) =>
            _clinic.RequestAsync<ChangePassword, IReadOnlyList<string>>(async c =>
            {
                await Task.CompletedTask;
                return await c.RunAsync(old, next, self);
            });
        var session = await SessionAsync();

        Assert.NotEmpty(await Change(Wrong, "harbour quartz violet"));
        Assert.NotEmpty(await Change(Password, "short"));
        Assert.NotEmpty(await Change(Password, "passwordpassword"));
        Assert.True(await IsValidAsync(session));

        var entries = await _clinic.AuditAsync(AuditAction.PasswordChange);
        Assert.Equal(3, entries.Count(e => e.Outcome == AuditOutcome.Refused));
    }

    [Fact]
    public async Task CreateAccount_OfWhoDoesNotAdminister_Throws()
    {
        var reader = new Actor(_ada, Name, new HashSet<string> { Role.Radiologist });

        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _clinic.RequestAsync<CreateAccount, IReadOnlyList<string>>(c => c.RunAsync("x@y", Password, [Role.Admin], reader)));
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _clinic.RequestAsync<ChangeAccount, IReadOnlyList<string>>(c => c.RunAsync(_ada, [Role.Admin], false, reader)));
        await Assert.ThrowsAsync<AccessRefusedException>(() => _clinic.Get<ListAccounts>().RunAsync(reader, Cancellation));
    }
}

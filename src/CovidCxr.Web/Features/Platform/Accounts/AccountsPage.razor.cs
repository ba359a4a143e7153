using CovidCxr.Domain.Accounts;
using CovidCxr.Platform.Accounts;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace CovidCxr.Web.Features.Platform.Accounts;

public sealed partial class AccountsPage(ListAccounts list, IServiceScopeFactory scopes) : ComponentBase
{
    IReadOnlyList<AccountView>? _accounts;
    IReadOnlyList<string> _errors = [];
    Actor _actor = null!;
    string _name = "", _password = "", _role = Role.Radiologist;
    string _newPassword = "", _fullName = "", _newFullName = "";
    Guid? _reset, _naming;
    string? _said;
    int _refused;
    Task _saving = Task.CompletedTask;

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    protected override async Task OnInitializedAsync()
    {
        _actor = (await Authentication).User.ToActor();
        await LoadAsync();
    }

    async Task LoadAsync() => _accounts = await list.RunAsync(_actor, CancellationToken.None);

    Task ChangeAsync(AccountView account, string role, bool has) =>
        SaveAsync(account, now => (has ? [.. now.Roles.Except([role]), role] : [.. now.Roles.Except([role])], now.IsDisabled));

    Task SwitchAsync(AccountView account) => SaveAsync(account, now => (now.Roles, !account.IsDisabled));

    /// <summary>Changes the account as it is when its turn comes: a click before the last one was saved must not undo that.</summary>
    Task SaveAsync(AccountView account, Func<AccountView, (IReadOnlyList<string> Roles, bool IsDisabled)> change) =>
        _saving = SaveAfterAsync(_saving, account, change);

    async Task SaveAfterAsync(Task before, AccountView account, Func<AccountView, (IReadOnlyList<string> Roles, bool IsDisabled)> change)
    {
        await before;
        var (roles, isDisabled) = change(_accounts!.FirstOrDefault(a => a.Id == account.Id) ?? account);
        await RunAsync<ChangeAccount>(c => c.RunAsync(account.Id, roles, isDisabled, _actor), $"{account.UserName} is changed.");
        // A box that was ticked in vain is drawn anew, as it was.
        _refused += _errors.Count > 0 ? 1 : 0;
    }

    Task RemoveFactorAsync(AccountView account) =>
        RunAsync<SecondFactor>(s => s.RemoveAsync(account.Id, _actor), $"{account.UserName} signs in with the password alone.");

    Task EndAsync(AccountView account) =>
        RunAsync<Sessions>(sessions => sessions.EndAllAsync(account, _actor), $"{account.UserName} is signed out everywhere.");

    void Reset(AccountView account) => (_reset, _newPassword) = (_reset == account.Id ? null : account.Id, "");

    void Name(AccountView account) => (_naming, _fullName) = (_naming == account.Id ? null : account.Id, account.FullName ?? "");

    async Task NameAsync(AccountView account)
    {
        await RunAsync<ChangeAccount>(change => change.NameAsync(account.Id, _fullName, _actor), $"{account.UserName} has its name.");
        if (_errors.Count == 0)
        {
            _naming = null;
        }
    }

    async Task ResetAsync(AccountView account)
    {
        await RunAsync<ResetPassword>(
            reset => reset.RunAsync(account.Id, _newPassword, _actor),
            $"{account.UserName} has a new password and is unlocked. If it had one before, its passkeys and links to providers are gone.");
        if (_errors.Count == 0)
        {
            Reset(account);
        }
    }

    async Task CreateAsync()
    {
        var name = _name;
        await RunAsync<CreateAccount>(create => create.RunAsync(_name, _password, [_role], _actor, _newFullName), $"{name} is created.");
        if (_errors.Count == 0)
        {
            (_name, _password, _newFullName) = ("", "", "");
        }
    }

    // Identity's context is the scope's; a circuit lives too long to be one.
    async Task RunAsync<T>(Func<T, Task<IReadOnlyList<string>>> act, string done)
        where T : notnull
    {
        await using var scope = scopes.CreateAsyncScope();
        _errors = await act(scope.ServiceProvider.GetRequiredService<T>());
        _said = _errors.Count == 0 ? done : null;
        await LoadAsync();
    }

    static string RoleWords(string role) => role switch
    {
        Role.DepartmentLead => "Department lead",
        Role.Admin => "Administrator",
        _ => role,
    };
}

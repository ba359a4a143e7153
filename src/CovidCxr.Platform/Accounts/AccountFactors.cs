using CovidCxr.Storage;
using Microsoft.AspNetCore.Identity;

namespace CovidCxr.Platform.Accounts;

/// <summary>What opens an account beside its password.</summary>
static class AccountFactors
{
    /// <summary>An authenticator, a passkey, or a provider whose second factor counts.</summary>
    public static async Task<bool> HasSecondFactorAsync(this UserManager<Account> accounts, Account account, AccountOptions options) =>
        account.TwoFactorEnabled || (await accounts.GetPasskeysAsync(account)).Count > 0
        || (await accounts.GetLoginsAsync(account)).Any(
            l => options.Providers.Any(p => p.Issuer == l.LoginProvider && p.SecondFactorValues.Count > 0));

    /// <summary>Passkeys and links, which somebody with the password may have added.</summary>
    public static async Task<bool> HasAddedDoorsAsync(this UserManager<Account> accounts, Account account) =>
        (await accounts.GetPasskeysAsync(account)).Count > 0 || (await AddedLoginsAsync(accounts, account)).Count > 0;

    /// <returns>Whether all are gone.</returns>
    public static async Task<bool> RemoveAddedDoorsAsync(this UserManager<Account> accounts, Account account)
    {
        var isDone = true;
        foreach (var passkey in await accounts.GetPasskeysAsync(account))
        {
            isDone &= (await accounts.RemovePasskeyAsync(account, passkey.CredentialId)).Succeeded;
        }

        foreach (var login in await AddedLoginsAsync(accounts, account))
        {
            isDone &= (await accounts.RemoveLoginAsync(account, login.LoginProvider, login.ProviderKey)).Succeeded;
        }

        return isDone;
    }

    // Without a password nobody adds a link: the provider made the account, and it has no other door.
    static async Task<IList<UserLoginInfo>> AddedLoginsAsync(UserManager<Account> accounts, Account account) =>
        account.PasswordHash is null ? [] : await accounts.GetLoginsAsync(account);
}

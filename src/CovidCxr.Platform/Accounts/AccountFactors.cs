using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Identity;

namespace CovidCxr.Platform.Accounts;

/// <summary>Passkeys and links, which somebody with the password may have added.</summary>
sealed record AddedDoors(IList<UserPasskeyInfo> Passkeys, IList<UserLoginInfo> Links)
{
    public bool IsEmpty => Passkeys.Count == 0 && Links.Count == 0;
}

/// <summary>What opens an account beside its password.</summary>
static class AccountFactors
{
    /// <summary>An authenticator, a passkey, or a provider whose second factor counts.</summary>
    /// <param name="issuers">Of the providers that the account is linked with.</param>
    public static bool HasSecondFactor(this Account account, bool hasPasskey, IEnumerable<string> issuers, AccountOptions options) =>
        account.TwoFactorEnabled || hasPasskey
        || issuers.Any(i => options.Providers.Any(p => p.Issuer == i && p.SecondFactorValues.Count > 0));

    /// <inheritdoc cref="HasSecondFactor"/>
    public static async Task<bool> HasSecondFactorAsync(this UserManager<Account> accounts, Account account, AccountOptions options) =>
        account.HasSecondFactor(
            (await accounts.GetPasskeysAsync(account)).Count > 0, (await accounts.GetLoginsAsync(account)).Select(l => l.LoginProvider),
            options);

    /// <summary>Those that may be asked in place of a password: none where there is one.</summary>
    public static async Task<IReadOnlyList<ProviderOptions>> ListConfirmingProvidersAsync(
        this UserManager<Account> accounts, Account account, AccountOptions options)
    {
        var linked = account.PasswordHash is null ? await accounts.GetLoginsAsync(account) : [];
        return [.. options.Providers.Where(p => linked.Any(l => l.LoginProvider == p.Issuer))];
    }

    /// <summary>Notes that a passkey has signed, with the count that it keeps.</summary>
    /// <returns>False where somebody else noted one at the same moment.</returns>
    public static async Task<bool> NoteUseAsync(this UserManager<Account> accounts, Account account, UserPasskeyInfo passkey)
    {
        try
        {
            return (await accounts.AddOrUpdatePasskeyAsync(account, passkey)).Succeeded;
        }
        catch (Exception e) when (AuditSpill.TakesOver(e))
        {
            // On a full disk the device has signed all the same.
            return true;
        }
    }

    public static async Task<AddedDoors> ListAddedDoorsAsync(this UserManager<Account> accounts, Account account) => new(
        await accounts.GetPasskeysAsync(account),
        // Without a password nobody can add a link (ProviderLink): the one that is there is of the provider that made the account.
        account.PasswordHash is null ? [] : await accounts.GetLoginsAsync(account));

    /// <param name="doors">Listed before a first password was set: the link of the provider that made the account is none of them.</param>
    /// <returns>Whether all are gone.</returns>
    public static async Task<bool> RemoveDoorsAsync(this UserManager<Account> accounts, Account account, AddedDoors doors)
    {
        var isDone = true;
        foreach (var passkey in doors.Passkeys)
        {
            isDone &= (await accounts.RemovePasskeyAsync(account, passkey.CredentialId)).Succeeded;
        }

        foreach (var link in doors.Links)
        {
            isDone &= (await accounts.RemoveLoginAsync(account, link.LoginProvider, link.ProviderKey)).Succeeded;
        }

        return isDone;
    }
}

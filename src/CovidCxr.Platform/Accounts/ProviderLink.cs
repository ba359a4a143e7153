using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Accounts;

/// <param name="GivesRoles">Whether the account's roles follow the provider's groups once it is linked.</param>
public sealed record ProviderView(string Id, string Name, bool IsLinked, bool GivesRoles);

/// <summary>
/// A person's own account and those that identity providers know them by. Only its owner links it, asked again, and only where it has a
/// password: an administrator who gives it a new one takes those links along.
/// </summary>
public sealed class ProviderLink(
    UserManager<Account> accounts, ConfirmPerson confirm, Sessions sessions, IOptions<AccountOptions> options, AuditLog audit)
{
    public async Task<IReadOnlyList<ProviderView>> ListAsync(Actor actor)
    {
        var linked = await FindAsync(actor) is { } account ? await accounts.GetLoginsAsync(account) : [];
        return
        [
            .. options.Value.Providers.Select(p =>
                new ProviderView(p.Id, p.Name, linked.Any(l => l.LoginProvider == p.Issuer), p.Roles.Count > 0)),
        ];
    }

    /// <summary>What a passkey or a provider is asked for in place of the password.</summary>
    public static string ActOf(string id) => $"provider {id}";

    /// <summary>Before the person is sent to the provider.</summary>
    /// <returns>Null where they may go, else why not.</returns>
    public async Task<string?> BeginAsync(string id, string password, Actor actor)
    {
        if (await FindAsync(actor) is { PasswordHash: null })
        {
            return (await audit.RefuseAsync(
                actor, AuditAction.ProviderLink,
                ["This account has no password, so no other provider can be linked. An administrator can give it one."]))[0];
        }

        return await AskAsync(id, password, actor);
    }

    /// <summary>The person came back from the provider, still signed in here.</summary>
    public async Task<ProviderRefusal?> CompleteAsync(ProviderIdentity identity, Actor actor)
    {
        var provider = identity.Provider;
        var isTaken = await FindAsync(actor) is not { IsDisabled: false, PasswordHash: not null } account
            || (await accounts.GetLoginsAsync(account)).Any(l => l.LoginProvider == provider.Issuer)
            || !await AddAsync(account, identity);
        await audit.RecordAsync(
            actor, AuditAction.ProviderLink, isTaken ? AuditOutcome.Refused : AuditOutcome.Succeeded, detail: $"link, {provider.Id}");
        return isTaken ? ProviderRefusal.Taken : null;
    }

    /// <returns>Null where it is done, else why not.</returns>
    public async Task<string?> RemoveAsync(string id, string password, Actor actor)
    {
        if (await AskAsync(id, password, actor) is { } refusal)
        {
            return refusal;
        }

        if (options.Value.Providers.FirstOrDefault(p => p.Id == id) is not { } provider || await FindAsync(actor) is not { } account
            || (await accounts.GetLoginsAsync(account)).FirstOrDefault(l => l.LoginProvider == provider.Issuer) is not { } login)
        {
            return "It is not linked.";
        }

        // An account without a password has no other door: its provider's would be shut for ever.
        if (account.PasswordHash is null && (await accounts.GetPasskeysAsync(account)).Count == 0)
        {
            return (await audit.RefuseAsync(
                actor, AuditAction.ProviderLink, ["This account has no password and no passkey: nothing else would open it."]))[0];
        }

        if (!(await accounts.RemoveLoginAsync(account, login.LoginProvider, login.ProviderKey)).Succeeded)
        {
            return (await audit.RefuseAsync(
                actor, AuditAction.ProviderLink, ["This account was changed at the same moment. Look again."]))[0];
        }

        await sessions.EndOfProviderAsync(provider.Issuer, account.Id, session: null);
        await audit.RecordAsync(actor, AuditAction.ProviderLink, AuditOutcome.Succeeded, detail: $"unlink, {provider.Id}");
        return null;
    }

    async Task<string?> AskAsync(string id, string password, Actor actor) =>
        await confirm.RunForFactorAsync(ActOf(id), password, actor) is { } refusal
            ? (await audit.RefuseAsync(actor, AuditAction.ProviderLink, [refusal]))[0]
            : null;

    async Task<bool> AddAsync(Account account, ProviderIdentity identity)
    {
        try
        {
            return (await accounts.AddLoginAsync(
                account, new(identity.Provider.Issuer, identity.Subject, identity.Provider.Name))).Succeeded;
        }
        catch (DbUpdateException)
        {
            // Another account took it at the same moment.
            return false;
        }
    }

    Task<Account?> FindAsync(Actor actor) => accounts.FindByIdAsync(actor.UserId.ToString());
}

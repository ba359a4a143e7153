using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Identity;

namespace CovidCxr.Platform.Accounts;

/// <summary>
/// Changes an account's roles or disables it; effective within a minute, because sessions are checked against the security stamp.
/// </summary>
public sealed class ChangeAccount(UserManager<Account> accounts, Sessions sessions, AuditLog audit)
{
    /// <returns>What is wrong, in words; empty where it worked.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(Guid accountId, IReadOnlyCollection<string> roles, bool isDisabled, Actor actor)
    {
        actor.Demand(Role.Admin);
        if (await accounts.FindByIdAsync(accountId.ToString()) is not { } account || roles.Except(Role.All).Any())
        {
            return await RefuseAsync(actor, "There is no such account or role.");
        }

        if (accountId == actor.UserId && (isDisabled || !roles.Contains(Role.Admin)))
        {
            return await RefuseAsync(actor, "You cannot take your own administration away: the last administrator would be locked out.");
        }

        var before = await accounts.GetRolesAsync(account);
        await accounts.RemoveFromRolesAsync(account, before.Except(roles));
        await accounts.AddToRolesAsync(account, roles.Except(before));
        var wasDisabled = account.IsDisabled;
        account.IsDisabled = isDisabled;
        await accounts.UpdateAsync(account);
        await accounts.UpdateSecurityStampAsync(account);
        if (isDisabled)
        {
            await sessions.EndAllAsync(account.Id);
        }

        await audit.RecordAsync(
            actor, AuditAction.AccountChange, AuditOutcome.Succeeded,
            detail: $"{account.UserName}: {Words(roles, isDisabled)}", before: Words(before, wasDisabled), after: Words(roles, isDisabled));
        return [];
    }

    static string Words(IEnumerable<string> roles, bool isDisabled) => string.Join(", ", roles) + (isDisabled ? ", disabled" : "");

    Task<IReadOnlyList<string>> RefuseAsync(Actor actor, string reason) => audit.RefuseAsync(actor, AuditAction.AccountChange, [reason]);
}

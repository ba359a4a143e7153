using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Identity;

namespace CovidCxr.Platform.Accounts;

/// <summary>
/// Changes an account's roles or disables it; effective within a minute, because sessions are checked against the security stamp. Or says
/// what the person is called, as readings are signed: nobody signs under a name of their own choice.
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

        var wasDisabled = account.IsDisabled;
        account.IsDisabled = isDisabled;
        if (await SaveAsync(account, actor) is [_, ..] errors)
        {
            return errors;
        }

        var before = await accounts.GetRolesAsync(account);
        if (await ChangeRolesAsync(account, before, roles) is { Succeeded: false } failed)
        {
            return await audit.RefuseAsync(actor, AuditAction.AccountChange, [.. failed.Errors.Select(e => e.Description)]);
        }

        if (isDisabled)
        {
            await sessions.EndAllAsync(account.Id);
        }

        await audit.RecordAsync(
            actor, AuditAction.AccountChange, AuditOutcome.Succeeded,
            detail: $"{account.UserName}: {Words(roles, isDisabled)}", before: Words(before, wasDisabled), after: Words(roles, isDisabled));
        return [];
    }

    /// <param name="fullName">Null or blank takes the name away.</param>
    /// <returns>What is wrong, in words; empty where it worked.</returns>
    public async Task<IReadOnlyList<string>> NameAsync(Guid accountId, string? fullName, Actor actor)
    {
        actor.Demand(Role.Admin);
        if (RefusalOfName(fullName) is { } refusal)
        {
            return await RefuseAsync(actor, refusal);
        }

        if (await accounts.FindByIdAsync(accountId.ToString()) is not { } account)
        {
            return await RefuseAsync(actor, "There is no such account.");
        }

        var before = account.FullName;
        account.FullName = Trimmed(fullName);
        if (await SaveAsync(account, actor) is [_, ..] errors)
        {
            return errors;
        }

        await audit.RecordAsync(
            actor, AuditAction.AccountChange, AuditOutcome.Succeeded, detail: $"{account.UserName}: full name",
            before: before, after: account.FullName);
        return [];
    }

    // The stamp last: sessions end with the roles that they had.
    async Task<IdentityResult> ChangeRolesAsync(Account account, IList<string> before, IReadOnlyCollection<string> roles)
    {
        var result = await accounts.RemoveFromRolesAsync(account, before.Except(roles));
        result = result.Succeeded ? await accounts.AddToRolesAsync(account, roles.Except(before)) : result;
        return result.Succeeded ? await accounts.UpdateSecurityStampAsync(account) : result;
    }

    async Task<IReadOnlyList<string>> SaveAsync(Account account, Actor actor)
    {
        var result = await accounts.UpdateAsync(account);
        return result.Succeeded
            ? []
            : await audit.RefuseAsync(actor, AuditAction.AccountChange, [.. result.Errors.Select(e => e.Description)]);
    }

    internal static string? Trimmed(string? fullName) => string.IsNullOrWhiteSpace(fullName) ? null : fullName.Trim();

    internal static string? RefusalOfName(string? fullName) => Trimmed(fullName) is { } name
        && (name.Length > Account.MaxFullName || name.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029'))
        ? $"A full name has at most {Account.MaxFullName} characters on one line."
        : null;

    static string Words(IEnumerable<string> roles, bool isDisabled) => string.Join(", ", roles) + (isDisabled ? ", disabled" : "");

    Task<IReadOnlyList<string>> RefuseAsync(Actor actor, string reason) => audit.RefuseAsync(actor, AuditAction.AccountChange, [reason]);
}

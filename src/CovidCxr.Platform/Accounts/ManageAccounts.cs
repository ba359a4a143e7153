using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.Accounts;

public sealed record AccountView(Guid Id, string UserName, IReadOnlyList<string> Roles, bool IsDisabled, bool IsLocked);

/// <summary>Every account, by name.</summary>
public sealed class ListAccounts(IDbContextFactory<CovidCxrDbContext> contexts, TimeProvider time)
{
    public async Task<IReadOnlyList<AccountView>> RunAsync(Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var now = time.GetUtcNow();
        var roles = await (from ur in db.UserRoles
                           join r in db.Roles on ur.RoleId equals r.Id
                           select new { ur.UserId, r.Name }).ToListAsync(cancellation);
        var users = await db.Users.AsNoTracking().OrderBy(u => u.UserName).ToListAsync(cancellation);
        return [.. users.Select(u => new AccountView(
            u.Id, u.UserName!, [.. roles.Where(r => r.UserId == u.Id).Select(r => r.Name!).Order()], u.IsDisabled, u.LockoutEnd > now))];
    }
}

/// <summary>Adds an account with a first password.</summary>
public sealed class CreateAccount(UserManager<Account> accounts, AuditLog audit)
{
    /// <returns>What is wrong, in words; empty where it worked.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(string userName, string password, IReadOnlyCollection<string> roles, Actor actor)
    {
        actor.Demand(Role.Admin);
        return await CreateAsync(userName, password, roles, actor);
    }

    internal async Task<IReadOnlyList<string>> CreateAsync(
        string userName, string password, IReadOnlyCollection<string> roles, Actor? actor)
    {
        if (roles.Count == 0 || roles.Except(Role.All).Any())
        {
            return await RefuseAsync(actor, ["Choose at least one role."]);
        }

        var account = new Account { Id = Guid.CreateVersion7(), UserName = userName.Trim(), Email = userName.Trim() };
        var result = await accounts.CreateAsync(account, password);
        if (!result.Succeeded)
        {
            return await RefuseAsync(actor, [.. result.Errors.Select(e => e.Description)]);
        }

        await accounts.AddToRolesAsync(account, roles);
        await audit.RecordAsync(
            actor, AuditAction.AccountCreate, AuditOutcome.Succeeded, detail: $"{account.UserName}: {string.Join(", ", roles)}");
        return [];
    }

    Task<IReadOnlyList<string>> RefuseAsync(Actor? actor, IReadOnlyList<string> errors) =>
        audit.RefuseAsync(actor, AuditAction.AccountCreate, errors);
}

/// <summary>
/// Changes an account's roles or disables it; effective within a minute, because sessions are checked against the security stamp.
/// </summary>
public sealed class ChangeAccount(UserManager<Account> accounts, AuditLog audit)
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
        account.IsDisabled = isDisabled;
        await accounts.UpdateAsync(account);
        await accounts.UpdateSecurityStampAsync(account);
        await audit.RecordAsync(
            actor, AuditAction.AccountChange, AuditOutcome.Succeeded,
            detail: $"{account.UserName}: {string.Join(", ", roles)}{(isDisabled ? ", disabled" : "")}");
        return [];
    }

    Task<IReadOnlyList<string>> RefuseAsync(Actor actor, string reason) => audit.RefuseAsync(actor, AuditAction.AccountChange, [reason]);
}

/// <summary>
/// Gives an account a new password and unlocks it, for somebody who has forgotten theirs; what was signed in with the old one ends within a
/// minute.
/// </summary>
public sealed class ResetPassword(UserManager<Account> accounts, AuditLog audit)
{
    /// <returns>What is wrong, in words; empty where it worked.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(Guid accountId, string password, Actor actor)
    {
        actor.Demand(Role.Admin);
        if (accountId == actor.UserId)
        {
            return await RefuseAsync(actor, ["Your own password you change under your name, with the old one."]);
        }

        if (await accounts.FindByIdAsync(accountId.ToString()) is not { } account)
        {
            return await RefuseAsync(actor, ["There is no such account."]);
        }

        var result = await accounts.ResetPasswordAsync(account, await accounts.GeneratePasswordResetTokenAsync(account), password);
        if (!result.Succeeded)
        {
            return await RefuseAsync(actor, [.. result.Errors.Select(e => e.Description)]);
        }

        await accounts.ResetAccessFailedCountAsync(account);
        await accounts.SetLockoutEndDateAsync(account, null);
        await audit.RecordAsync(actor, AuditAction.AccountChange, AuditOutcome.Succeeded, detail: $"{account.UserName}: new password");
        return [];
    }

    Task<IReadOnlyList<string>> RefuseAsync(Actor actor, IReadOnlyList<string> errors) =>
        audit.RefuseAsync(actor, AuditAction.AccountChange, errors);
}

static class AccountRefusals
{
    /// <summary>Records that nothing was changed, and gives back why.</summary>
    public static async Task<IReadOnlyList<string>> RefuseAsync(
        this AuditLog audit, Actor? actor, AuditAction action, IReadOnlyList<string> errors)
    {
        await audit.RecordAsync(actor, action, AuditOutcome.Refused);
        return errors;
    }
}

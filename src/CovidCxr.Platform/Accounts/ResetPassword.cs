using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Identity;

namespace CovidCxr.Platform.Accounts;

/// <summary>
/// Gives an account a new password and unlocks it, for somebody who has forgotten theirs; what was signed in with the old one ends within a
/// minute. Passkeys and links to providers go: a thief who had the old one may have added them.
/// </summary>
public sealed class ResetPassword(UserManager<Account> accounts, SignInAttempts attempts, Sessions sessions, AuditLog audit)
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

        var hasMore = await accounts.HasAddedDoorsAsync(account);
        var result = await accounts.ResetPasswordAsync(account, await accounts.GeneratePasswordResetTokenAsync(account), password);
        if (!result.Succeeded)
        {
            return await RefuseAsync(actor, [.. result.Errors.Select(e => e.Description)]);
        }

        attempts.Forget(account.UserName!);
        await sessions.EndAllAsync(account.Id);
        if (hasMore && !await accounts.RemoveAddedDoorsAsync(account))
        {
            return await RefuseAsync(actor, ["The password is new, but a passkey or a link is still there. Set it once more."]);
        }

        await audit.RecordAsync(
            actor, AuditAction.AccountChange, AuditOutcome.Succeeded,
            detail: $"{account.UserName}: new password{(hasMore ? ", passkeys and links taken away" : "")}");
        return [];
    }

    Task<IReadOnlyList<string>> RefuseAsync(Actor actor, IReadOnlyList<string> errors) =>
        audit.RefuseAsync(actor, AuditAction.AccountChange, errors);
}

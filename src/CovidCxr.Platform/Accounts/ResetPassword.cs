using System.Security.Claims;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Identity;

namespace CovidCxr.Platform.Accounts;

/// <summary>
/// Gives an account a new password and unlocks it, for somebody who has forgotten theirs and has to choose another one then
/// (<see cref="GivenPassword"/>); what was signed in with the old one ends within a minute. Passkeys and links to providers go: a thief
/// who had the old one may have added them.
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

        // Before: a first password would make the link of the provider that made the account look like an added one.
        var doors = await accounts.ListAddedDoorsAsync(account);
        var result = await accounts.ResetPasswordAsync(account, await accounts.GeneratePasswordResetTokenAsync(account), password);
        if (!result.Succeeded)
        {
            return await RefuseAsync(actor, [.. result.Errors.Select(e => e.Description)]);
        }

        var isMarked = await accounts.MarkGivenAsync(account);
        attempts.Forget(account.UserName!);
        await sessions.EndAllAsync(account.Id);
        if (!isMarked)
        {
            return await RefuseAsync(actor, ["The password is new, but need not be changed yet. Set it once more."]);
        }

        if (!await accounts.RemoveDoorsAsync(account, doors))
        {
            return await RefuseAsync(actor, ["The password is new, but a passkey or a link is still there. Set it once more."]);
        }

        await audit.RecordAsync(
            actor, AuditAction.AccountChange, AuditOutcome.Succeeded,
            detail: $"{account.UserName}: new password{(doors.IsEmpty ? "" : ", passkeys and links taken away")}");
        return [];
    }

    Task<IReadOnlyList<string>> RefuseAsync(Actor actor, IReadOnlyList<string> errors) =>
        audit.RefuseAsync(actor, AuditAction.AccountChange, errors);
}

/// <summary>
/// A password that an administrator set, and so knows: whoever signs in with it chooses another one before anything else.
/// </summary>
public static class GivenPassword
{
    const string ClaimType = "covidcxr:given-password";

    public static bool IsUsedBy(ClaimsPrincipal person) => person.HasClaim(c => c.Type == ClaimType)
        && !person.HasClaim(c => c.Type is Sessions.IssuerClaim or Sessions.PasskeyClaim);

    /// <returns>Whether it was done.</returns>
    internal static async Task<bool> MarkGivenAsync(this UserManager<Account> accounts, Account account) =>
        await accounts.ForgetGivenAsync(account) && (await accounts.AddClaimAsync(account, new(ClaimType, "true"))).Succeeded;

    /// <returns>Whether it was done.</returns>
    internal static async Task<bool> ForgetGivenAsync(this UserManager<Account> accounts, Account account) =>
        (await accounts.RemoveClaimsAsync(
            account, (await accounts.GetClaimsAsync(account)).Where(c => c.Type == ClaimType).ToList())).Succeeded;
}

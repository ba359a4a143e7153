using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Identity;

namespace CovidCxr.Platform.Accounts;

public enum SignInOutcome
{
    Succeeded,

    /// <summary>The password is right; the code of the authenticator is asked for now.</summary>
    NeedsCode,

    /// <summary>The name or the password, without saying which.</summary>
    Wrong,

    /// <summary>A recovery code is right and cannot be crossed out, since nothing can be written.</summary>
    NotNow,

    /// <summary>Too many wrong ones for this name from this address, whether anybody has that name or not.</summary>
    LockedOut,
}

/// <summary>Checks a password and issues the cookie.</summary>
public sealed class SignIn(SignInManager<Account> manager, UserManager<Account> accounts, SignInAttempts attempts, AuditLog audit)
{
    /// <param name="address">Where the attempt comes from.</param>
    public async Task<SignInOutcome> RunAsync(string userName, string password, string address)
    {
        if (!attempts.TryBegin(userName, address))
        {
            var known = await accounts.FindByNameAsync(userName);
            await audit.RecordAsync(
                known is null ? null : ActorOf(known), AuditAction.SignIn, AuditOutcome.Refused, detail: "locked out", source: address);
            return SignInOutcome.LockedOut;
        }

        switch (await TryAsync(userName, password, address))
        {
            case { Succeeded: true }:
                attempts.Forget(userName, address);
                return SignInOutcome.Succeeded;
            case { RequiresTwoFactor: true }:
                // Half of it: what went wrong before still counts.
                attempts.TakeBack(userName, address);
                return SignInOutcome.NeedsCode;
            default:
                return attempts.IsLocked(userName, address) ? SignInOutcome.LockedOut : SignInOutcome.Wrong;
        }
    }

    async Task<SignInResult> TryAsync(string userName, string password, string address)
    {
        var account = await accounts.FindByNameAsync(userName);
        if (account is null or { IsDisabled: true })
        {
            // As much work as with an account, so that the time does not tell which names exist.
            accounts.PasswordHasher.HashPassword(new Account(), password);
            await audit.RecordAsync(
                null, AuditAction.SignIn, AuditOutcome.Refused, detail: account is null ? "unknown name" : "disabled account",
                source: address);
            return SignInResult.Failed;
        }

        var result = await manager.PasswordSignInAsync(account, password, isPersistent: false, lockoutOnFailure: false);
        if (!result.RequiresTwoFactor)
        {
            await audit.RecordAsync(
                ActorOf(account), AuditAction.SignIn, result.Succeeded ? AuditOutcome.Succeeded : AuditOutcome.Refused,
                source: address);
        }

        return result;
    }

    internal static Actor ActorOf(Account account) => new(account.Id, account.UserName!, new HashSet<string>());
}

/// <summary>Takes the cookie back.</summary>
public sealed class SignOut(SignInManager<Account> manager, AuditLog audit)
{
    /// <param name="isIdle">The browser ends the session because nobody did anything.</param>
    public async Task RunAsync(Actor actor, bool isIdle)
    {
        await manager.SignOutAsync();
        await audit.RecordAsync(actor, AuditAction.SignOut, AuditOutcome.Succeeded, detail: isIdle ? "idle" : null);
    }
}

/// <summary>A person's own password, with the old one asked again; all sessions but this one end.</summary>
public sealed class ChangePassword(
    SignInManager<Account> manager, UserManager<Account> accounts, ConfirmPerson confirm, Sessions sessions, AuditLog audit)
{
    /// <returns>What is wrong, in words; empty where it worked.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(string current, string next, Actor actor)
    {
        if (await accounts.FindByIdAsync(actor.UserId.ToString()) is not { } account)
        {
            return ["This account no longer exists."];
        }

        if (!await accounts.HasPasswordAsync(account))
        {
            return await audit.RefuseAsync(
                actor, AuditAction.PasswordChange, ["This account has no password to change. An administrator can give it one."]);
        }

        // Counted as everywhere: a stolen cookie must not guess without end.
        if (await confirm.CheckPasswordAsync(current, actor) is { } refusal)
        {
            return await audit.RefuseAsync(actor, AuditAction.PasswordChange, [refusal]);
        }

        if (next == current)
        {
            return await audit.RefuseAsync(actor, AuditAction.PasswordChange, ["That is the password that you have: choose another one."]);
        }

        var result = await accounts.ChangePasswordAsync(account, current, next);
        await audit.RecordAsync(actor, AuditAction.PasswordChange, result.Succeeded ? AuditOutcome.Succeeded : AuditOutcome.Refused);
        if (result.Succeeded)
        {
            if (!await accounts.ForgetGivenAsync(account))
            {
                return ["The password is new. Sign in with it, and change it once more."];
            }

            await sessions.EndAllAsync(account.Id);
            await manager.GoOnAsync(account);
        }

        return [.. result.Errors.Select(e => e.Description)];
    }
}

using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Identity;

namespace CovidCxr.Platform.Accounts;

/// <summary>
/// A passkey of the person's own in place of the password, where that is asked again. The device makes sure of the person, so it stands for
/// both factors. What was asked is kept here and not in a cookie, which could be copied and answered twice.
/// </summary>
public sealed class ConfirmByPasskey(
    SignInManager<Account> manager, IPasskeyHandler<Account> passkeys, Confirmations confirmations, SignInAttempts attempts, AuditLog audit)
{
    const string Detail = "asked again by passkey", Locked = "Too many wrong tries. Try again later.";

    UserManager<Account> Accounts => manager.UserManager;

    /// <summary>What the browser needs to ask the device.</summary>
    /// <returns>Options as JSON, or why not.</returns>
    public async Task<(string? Options, string? Refusal)> BeginAsync(string act, Actor actor)
    {
        if (await FindAsync(actor) is not { IsDisabled: false } account || (await Accounts.GetPasskeysAsync(account)).Count == 0)
        {
            return (null, "This account has no passkey.");
        }

        var asked = await passkeys.MakeRequestOptionsAsync(account, manager.Context);
        return confirmations.Ask(act, asked.AssertionState, actor) is null
            ? (null, "This cannot be confirmed with a passkey.")
            : (asked.RequestOptionsJson, null);
    }

    /// <param name="credential">What the device answered to <see cref="BeginAsync"/>.</param>
    /// <returns>Null where it is right, else why not.</returns>
    public async Task<string?> CompleteAsync(string credential, Actor actor)
    {
        if (!attempts.TryBegin(actor.UserName, ConfirmPerson.Place))
        {
            return await RefuseAsync(Locked, actor);
        }

        if (confirmations.TakeQuestion(actor) is not { State: { } state } question
            || await passkeys.PerformAssertionAsync(
                new() { HttpContext = manager.Context, CredentialJson = credential, AssertionState = state })
                is not { Succeeded: true, User: { IsDisabled: false } account, Passkey: { IsUserVerified: true } passkey }
            || account.Id != actor.UserId || !await Accounts.NoteUseAsync(account, passkey))
        {
            var isLocked = attempts.IsLocked(actor.UserName, ConfirmPerson.Place);
            return await RefuseAsync(isLocked ? Locked : "This passkey does not confirm it. Try once more.", actor);
        }

        attempts.Forget(actor.UserName, ConfirmPerson.Place);
        confirmations.Give(question, hasTwoFactors: true, actor);
        await audit.RecordAsync(actor, AuditAction.PersonConfirm, AuditOutcome.Succeeded, detail: Detail);
        return null;
    }

    async Task<string?> RefuseAsync(string words, Actor actor)
    {
        await audit.RecordAsync(actor, AuditAction.PersonConfirm, AuditOutcome.Refused, detail: Detail);
        return words;
    }

    Task<Account?> FindAsync(Actor actor) => Accounts.FindByIdAsync(actor.UserId.ToString());
}

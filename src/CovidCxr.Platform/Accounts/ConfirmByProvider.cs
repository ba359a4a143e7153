using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Accounts;

/// <summary>
/// A fresh sign-in at the identity provider in place of the password, for an account that has none: the same person there, who has shown it
/// after the question.
/// </summary>
public sealed class ConfirmByProvider(
    UserManager<Account> accounts, Confirmations confirmations, SignInAttempts attempts, IOptions<AccountOptions> options, AuditLog audit,
    TimeProvider time)
{
    /// <returns>The question that the provider's answer has to name; null where this provider cannot be asked.</returns>
    public async Task<ConfirmationQuestion?> BeginAsync(string act, string provider, Actor actor) =>
        !attempts.IsLocked(actor.UserName, ConfirmPerson.Place)
            && await accounts.FindByIdAsync(actor.UserId.ToString()) is { IsDisabled: false } account
            && (await accounts.ListConfirmingProvidersAsync(account, options.Value)).Any(p => p.Id == provider)
            ? confirmations.Ask(act, state: null, actor)
            : null;

    /// <param name="question">The one that the answer names.</param>
    /// <returns>Null where it is confirmed, else why not.</returns>
    public async Task<ProviderRefusal?> CompleteAsync(ProviderIdentity identity, Guid question, Actor actor)
    {
        var asked = confirmations.TakeQuestion(actor);
        ProviderRefusal? refusal = asked is not { State: null } || asked.Id != question
            ? ProviderRefusal.OtherSession
            : await accounts.FindByLoginAsync(identity.Provider.Issuer, identity.Subject) is not { IsDisabled: false } account
                || account.Id != actor.UserId
                || !(await accounts.ListConfirmingProvidersAsync(account, options.Value)).Any(p => p.Id == identity.Provider.Id)
                ? ProviderRefusal.OtherPerson
                // One that was asked for the time and does not tell it has not said that the person was there.
                : identity.HasSignedInSince(asked.AskedAt, time.GetUtcNow()) != true ? ProviderRefusal.NotAskedAgain : null;
        if (refusal is null)
        {
            attempts.Forget(actor.UserName, ConfirmPerson.Place);
            confirmations.Give(asked!, identity.HasSecondFactor, actor);
        }
        else
        {
            attempts.Fail(actor.UserName, ConfirmPerson.Place);
        }

        await audit.RecordAsync(
            actor, AuditAction.PersonConfirm, refusal is null ? AuditOutcome.Succeeded : AuditOutcome.Refused,
            detail: $"asked again by {identity.Provider.Id}");
        return refusal;
    }
}

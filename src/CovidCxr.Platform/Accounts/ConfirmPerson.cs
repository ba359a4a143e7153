using CovidCxr.Domain.Accounts;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Accounts;

/// <param name="IsConfirmed">A passkey or a provider has answered for this act already.</param>
/// <param name="Providers">Those that may be asked where there is no password.</param>
public sealed record ConfirmationWays(bool IsConfirmed, bool HasPassword, bool HasPasskey, IReadOnlyList<ProviderOptions> Providers);

/// <summary>
/// Asks a signed-in person again who they are, before what cannot be undone. A password is looked at here; a passkey
/// (<see cref="ConfirmByPasskey"/>) or an identity provider (<see cref="ConfirmByProvider"/>) has answered a moment before. Wrong ones lock
/// as at a sign-in, at a place of their own. In a scope of its own, so that an open page does not go by a password that has been changed
/// since.
/// </summary>
public sealed class ConfirmPerson(
    IServiceScopeFactory scopes, SignInAttempts attempts, Confirmations confirmations, IOptions<AccountOptions> options)
{
    // Where a sign-in has an address.
    internal const string Place = "an open page";

    const string Disabled = "This account can no longer sign in.";

    /// <param name="act">What it is for: a passkey or a provider answers for that alone.</param>
    /// <param name="password">Without a meaning where a passkey or a provider has answered.</param>
    /// <returns>Null where it is right, else why not.</returns>
    public async Task<string?> RunAsync(string act, string password, Actor actor) => (await AskAsync(act, password, actor)).Refusal;

    /// <summary>
    /// Before a way to sign in comes or goes: where the account has a second factor, the password alone must not put another in its place.
    /// </summary>
    /// <inheritdoc cref="RunAsync"/>
    public async Task<string?> RunForFactorAsync(string act, string password, Actor actor)
    {
        var (refusal, hasTwoFactors) = await AskAsync(act, password, actor);
        return refusal ?? (hasTwoFactors ? null : await AskFactorAsync(actor));
    }

    /// <summary>By what the person can be asked.</summary>
    public async Task<ConfirmationWays> ListWaysAsync(string act, Actor actor)
    {
        await using var scope = scopes.CreateAsyncScope();
        var accounts = scope.ServiceProvider.GetRequiredService<UserManager<Account>>();
        if (await accounts.FindByIdAsync(actor.UserId.ToString()) is not { } account)
        {
            return new(false, HasPassword: true, false, []);
        }

        return new(
            confirmations.Has(act, actor), await accounts.HasPasswordAsync(account), (await accounts.GetPasskeysAsync(account)).Count > 0,
            await accounts.ListConfirmingProvidersAsync(account, options.Value));
    }

    /// <summary>Where the password itself is changed, nothing else stands for it.</summary>
    internal async Task<string?> CheckPasswordAsync(string password, Actor actor)
    {
        const string Locked = "Too many wrong passwords. Try again later.";
        await using var scope = scopes.CreateAsyncScope();
        var accounts = scope.ServiceProvider.GetRequiredService<UserManager<Account>>();
        if (await accounts.FindByIdAsync(actor.UserId.ToString()) is not { IsDisabled: false } account)
        {
            return Disabled;
        }

        if (!await accounts.HasPasswordAsync(account))
        {
            return "This account has no password. Confirm it with a passkey or at your identity provider first.";
        }

        if (!attempts.TryBegin(actor.UserName, Place))
        {
            return Locked;
        }

        if (await accounts.CheckPasswordAsync(account, password))
        {
            attempts.Forget(actor.UserName, Place);
            return null;
        }

        return attempts.IsLocked(actor.UserName, Place) ? Locked : "The password is wrong.";
    }

    async Task<(string? Refusal, bool HasTwoFactors)> AskAsync(string act, string password, Actor actor) =>
        confirmations.Take(act, actor) is { } hasTwoFactors
            ? (await IsDisabledAsync(actor) ? Disabled : null, hasTwoFactors)
            : (await CheckPasswordAsync(password, actor), false);

    async Task<bool> IsDisabledAsync(Actor actor)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UserManager<Account>>().FindByIdAsync(actor.UserId.ToString())
            is not { IsDisabled: false };
    }

    async Task<string?> AskFactorAsync(Actor actor)
    {
        await using var scope = scopes.CreateAsyncScope();
        var accounts = scope.ServiceProvider.GetRequiredService<UserManager<Account>>();
        return actor.HasTwoFactors || await accounts.FindByIdAsync(actor.UserId.ToString()) is not { } account
            || !await accounts.HasSecondFactorAsync(account, options.Value)
            ? null
            : "This account has a second factor. Confirm it with your passkey, or sign out, sign in with that first, and come back.";
    }
}

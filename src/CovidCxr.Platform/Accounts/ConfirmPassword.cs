using CovidCxr.Domain.Accounts;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Accounts;

/// <summary>
/// Asks a signed-in person's password again, before what cannot be undone. Wrong ones lock as at a sign-in, at a place of their own. In a
/// scope of its own, so that an open page does not go by a password that has been changed since.
/// </summary>
public sealed class ConfirmPassword(IServiceScopeFactory scopes, SignInAttempts attempts, IOptions<AccountOptions> options)
{
    // Where a sign-in has an address.
    const string Place = "an open page";

    /// <returns>Null where it is right, else why not.</returns>
    public async Task<string?> RunAsync(string password, Actor actor)
    {
        const string Locked = "Too many wrong passwords. Try again later.";
        if (attempts.IsLocked(actor.UserName, Place))
        {
            return Locked;
        }

        await using var scope = scopes.CreateAsyncScope();
        var accounts = scope.ServiceProvider.GetRequiredService<UserManager<Account>>();
        if (await accounts.FindByIdAsync(actor.UserId.ToString()) is not { IsDisabled: false } account)
        {
            return "This account can no longer sign in.";
        }

        if (!await accounts.HasPasswordAsync(account))
        {
            return "This account has no password, so this cannot be confirmed here. An administrator can give it one on the Accounts page.";
        }

        if (await accounts.CheckPasswordAsync(account, password))
        {
            attempts.Forget(actor.UserName, Place);
            return null;
        }

        return attempts.Fail(actor.UserName, Place) ? Locked : "The password is wrong.";
    }

    /// <summary>
    /// Before a way to sign in comes or goes: where the account has a second factor, the password alone must not put another in its place.
    /// </summary>
    /// <returns>Null where it may, else why not.</returns>
    public async Task<string?> RunForFactorAsync(string password, Actor actor) =>
        await RunAsync(password, actor) ?? await AskFactorAsync(actor);

    /// <inheritdoc cref="RunForFactorAsync"/>
    internal async Task<string?> AskFactorAsync(Actor actor)
    {
        await using var scope = scopes.CreateAsyncScope();
        var accounts = scope.ServiceProvider.GetRequiredService<UserManager<Account>>();
        return actor.HasTwoFactors || await accounts.FindByIdAsync(actor.UserId.ToString()) is not { } account
            || !await accounts.HasSecondFactorAsync(account, options.Value)
            ? null
            : "This account has a second factor. Sign out, sign in with that first, and come back.";
    }
}

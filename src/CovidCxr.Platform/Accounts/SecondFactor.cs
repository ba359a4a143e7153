using System.Security.Claims;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using OtpNet;

namespace CovidCxr.Platform.Accounts;

/// <param name="Codes">Each replaces the authenticator once; shown this once.</param>
public sealed record SecondFactorResult(string? Refusal, IReadOnlyList<string> Codes);

/// <summary>
/// A code of an authenticator app after the password (RFC 6238: SHA-1, 30 seconds, six digits, one step to either side), or one of ten
/// recovery codes. No code is taken twice.
/// </summary>
public sealed class SecondFactor(
    SignInManager<Account> manager, IDbContextFactory<CovidCxrDbContext> contexts, SignInAttempts attempts, Sessions sessions,
    AuditLog audit, TimeProvider time)
{
    /// <summary>The claim of how a person signed in (RFC 8176), and its value after two factors.</summary>
    public const string MethodClaim = "amr", TwoFactors = "mfa";

    const int KeyBytes = 20, RecoveryCodes = 10;

    // Where Identity's authenticator looks for its key.
    const string KeyProvider = "[AspNetUserStore]", KeyName = "AuthenticatorKey";

    UserManager<Account> Accounts => manager.UserManager;

    /// <returns>Base 32, for an app; nothing is stored yet.</returns>
    public static string NewKey() => Base32Encoding.ToString(KeyGeneration.GenerateRandomKey(KeyBytes));

    /// <summary>What an app reads as a picture.</summary>
    public static string AddressOf(string key, Actor actor) => new OtpUri(OtpType.Totp, key, actor.UserName, "CovidCxr").ToString();

    public async Task<bool> IsOnAsync(Actor actor) => await FindAsync(actor.UserId) is { TwoFactorEnabled: true };

    /// <summary>The second half of a sign-in; the first one stands in a cookie of five minutes.</summary>
    public async Task<SignInOutcome> SignInAsync(string code, string address)
    {
        if (await manager.GetTwoFactorAuthenticationUserAsync() is not { IsDisabled: false } account)
        {
            return SignInOutcome.Wrong;
        }

        var (name, actor) = (account.UserName!, SignIn.ActorOf(account));
        if (attempts.IsLocked(name, address))
        {
            await audit.RecordAsync(actor, AuditAction.SignIn, AuditOutcome.Refused, detail: "locked out");
            return SignInOutcome.LockedOut;
        }

        if (await IsRightAsync(account, code))
        {
            attempts.Forget(name, address);
            await audit.RecordAsync(actor, AuditAction.SignIn, AuditOutcome.Succeeded, detail: "two factors");
            await manager.Context.SignOutAsync(IdentityConstants.TwoFactorUserIdScheme);
            await StartAsync(account);
            return SignInOutcome.Succeeded;
        }

        await audit.RecordAsync(actor, AuditAction.SignIn, AuditOutcome.Refused, detail: "wrong code");
        return attempts.Fail(name, address) ? SignInOutcome.LockedOut : SignInOutcome.Wrong;
    }

    /// <summary>Switches it on once the app has shown that it knows the key; all other sessions end.</summary>
    public async Task<SecondFactorResult> SetUpAsync(string key, string code, Actor actor)
    {
        if (await FindAsync(actor.UserId) is not { } account || account.TwoFactorEnabled)
        {
            return new("There is a second factor already: take it away first.", []);
        }

        if (!IsKey(key) || StepOf(account, key, code) is not { } step)
        {
            await audit.RecordAsync(actor, AuditAction.SecondFactor, AuditOutcome.Refused, detail: "wrong code");
            return new("The code is wrong. Is the clock of the app's device right?", []);
        }

        account.LastCodeStep = step;
        await Accounts.SetAuthenticationTokenAsync(account, KeyProvider, KeyName, key);
        await Accounts.SetTwoFactorEnabledAsync(account, true);
        var codes = await Accounts.GenerateNewTwoFactorRecoveryCodesAsync(account, RecoveryCodes);
        await audit.RecordAsync(actor, AuditAction.SecondFactor, AuditOutcome.Succeeded, detail: "set up");
        await sessions.EndAllAsync(account.Id);
        await StartAsync(account);
        return new(null, [.. codes!]);
    }

    /// <summary>A person takes their own away, with the password asked again.</summary>
    /// <returns>Null where it worked; otherwise why not.</returns>
    public async Task<string?> RemoveOwnAsync(string password, Actor actor)
    {
        if (await FindAsync(actor.UserId) is not { TwoFactorEnabled: true } account)
        {
            return "There is no second factor.";
        }

        // Guessing here is guessing at the sign-in.
        const string Place = "second factor";
        if (attempts.IsLocked(actor.UserName, Place) || !await Accounts.CheckPasswordAsync(account, password))
        {
            attempts.Fail(actor.UserName, Place);
            await audit.RecordAsync(actor, AuditAction.SecondFactor, AuditOutcome.Refused, detail: "wrong password");
            return "The password is wrong, or was too often.";
        }

        await RemoveAsync(account);
        await audit.RecordAsync(actor, AuditAction.SecondFactor, AuditOutcome.Succeeded, detail: "taken away");
        await manager.SignInAsync(account, isPersistent: false);
        return null;
    }

    /// <summary>For somebody whose device is lost: an administrator has made sure who asks.</summary>
    /// <returns>What is wrong, in words; empty where it worked.</returns>
    public async Task<IReadOnlyList<string>> RemoveAsync(Guid accountId, Actor actor)
    {
        actor.Demand(Role.Admin);
        if (accountId == actor.UserId || await FindAsync(accountId) is not { TwoFactorEnabled: true } account)
        {
            return await audit.RefuseAsync(
                actor, AuditAction.SecondFactor, ["There is none to take away, or it is your own: that you do under your name."]);
        }

        await RemoveAsync(account);
        await audit.RecordAsync(actor, AuditAction.SecondFactor, AuditOutcome.Succeeded, detail: $"{account.UserName}: taken away");
        return [];
    }

    async Task RemoveAsync(Account account)
    {
        await Accounts.SetTwoFactorEnabledAsync(account, false);
        await Accounts.RemoveAuthenticationTokenAsync(account, KeyProvider, KeyName);
        await sessions.EndAllAsync(account.Id);
    }

    Task StartAsync(Account account) => manager.SignInWithClaimsAsync(account, isPersistent: false, [new Claim(MethodClaim, TwoFactors)]);

    Task<Account?> FindAsync(Guid id) => Accounts.FindByIdAsync(id.ToString());

    async Task<bool> IsRightAsync(Account account, string code) =>
        await Accounts.GetAuthenticatorKeyAsync(account) is { } key && StepOf(account, key, code) is { } step
            ? await TakeAsync(account, step)
            : (await Accounts.RedeemTwoFactorRecoveryCodeAsync(account, code.Trim().ToUpperInvariant())).Succeeded;

    /// <returns>The 30 seconds that the code is of, where it is right and neither they nor later ones were taken; otherwise null.</returns>
    long? StepOf(Account account, string key, string code) =>
        StepOf(key, code, time.GetUtcNow()) is { } step && step > account.LastCodeStep ? step : null;

    /// <returns>The 30 seconds that the code is of; null where it is wrong.</returns>
    internal static long? StepOf(string key, string code, DateTimeOffset at)
    {
        var digits = code.Replace(" ", "", StringComparison.Ordinal);
        return digits.Length == 6
            && new Totp(Base32Encoding.ToBytes(key)).VerifyTotp(
                at.UtcDateTime, digits, out var step, VerificationWindow.RfcSpecifiedNetworkDelay)
                ? step
                : null;
    }

    // Of two who send the same code at once, one comes in.
    async Task<bool> TakeAsync(Account account, long step)
    {
        await using var db = await contexts.CreateDbContextAsync();
        account.LastCodeStep = step;
        return await db.Users.Where(u => u.Id == account.Id && u.LastCodeStep < step)
            .ExecuteUpdateAsync(u => u.SetProperty(x => x.LastCodeStep, step)) == 1;
    }

    static bool IsKey(string key) => key.Length == KeyBytes * 8 / 5 && key.All("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".Contains);
}

using System.Security.Claims;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using OtpNet;

namespace CovidCxr.Platform.Accounts;

/// <param name="Codes">Each replaces the authenticator once; shown this once.</param>
public sealed record SecondFactorResult(string? Refusal, IReadOnlyList<string> Codes);

/// <summary>
/// A code of an authenticator app after the password (RFC 6238: SHA-1, 30 seconds, six digits, one step to either side), or one of ten
/// recovery codes. No code is taken twice.
/// </summary>
public sealed class SecondFactor(
    SignInManager<Account> manager, ConfirmPerson confirm, SignInAttempts attempts, Sessions sessions, AuditLog audit,
    FactorSecrets secrets, TimeProvider time)
{
    /// <summary>The claim of how a person signed in (RFC 8176), and its value after two factors.</summary>
    public const string MethodClaim = "amr", TwoFactors = "mfa";

    /// <summary>What a passkey or a provider is asked for in place of the password.</summary>
    public const string SetUpAct = "authenticator", RemoveAct = "authenticator-away";

    // In the cookie between password and code: the account's security stamp of that moment.
    const string StampClaim = "stamp";

    // In the trail.
    const string AllAway = "authenticator, passkeys and links taken away";

    const int KeyBytes = 20, RecoveryCodes = 10;

    // Whoever guesses here has the password already: nobody else can lock the account, from however many addresses.
    const string Anywhere = "any address";

    // Where Identity's authenticator looks for its key.
    const string KeyProvider = "[AspNetUserStore]", KeyName = "AuthenticatorKey", CodesName = "RecoveryCodes";

    UserManager<Account> Accounts => manager.UserManager;

    /// <returns>Base 32, for an app; nothing is stored yet.</returns>
    public static string NewKey() => Base32Encoding.ToString(KeyGeneration.GenerateRandomKey(KeyBytes));

    /// <summary>What an app reads as a picture.</summary>
    public static string AddressOf(string key, Actor actor) => new OtpUri(OtpType.Totp, key, actor.UserName, "CovidCxr").ToString();

    public async Task<bool> IsOnAsync(Actor actor) => await FindAsync(actor.UserId) is { TwoFactorEnabled: true };

    /// <summary>Notes in the first half of a sign-in, for its cookie, how the account stood.</summary>
    public async Task StampAsync(ClaimsPrincipal half)
    {
        // Identity keeps what it asked a passkey in the same cookie, of nobody.
        var account = half.Identity!.Name is { } id ? await Accounts.FindByIdAsync(id) : null;
        ((ClaimsIdentity)half.Identity).AddClaim(new(StampClaim, account?.SecurityStamp ?? ""));
    }

    /// <summary>The first half of a sign-in, where an identity provider vouched for the person with one factor.</summary>
    internal Task BeginAsync(Account account, IEnumerable<Claim> claims, AuthenticationProperties properties) =>
        manager.Context.SignInAsync(
            IdentityConstants.TwoFactorUserIdScheme,
            new(new ClaimsIdentity(
                [new(ClaimTypes.Name, account.Id.ToString()), .. claims], IdentityConstants.TwoFactorUserIdScheme)),
            properties);

    /// <summary>The second half of a sign-in; the first one stands in a cookie of five minutes.</summary>
    public async Task<SignInOutcome> SignInAsync(string code, string address)
    {
        if (await manager.GetTwoFactorAuthenticationUserAsync() is not { IsDisabled: false, TwoFactorEnabled: true } account
            || await HalfAsync() is not { Principal: { } half, Properties: { } properties }
            || half.FindFirstValue(StampClaim) != account.SecurityStamp)
        {
            return SignInOutcome.Wrong;
        }

        var (name, actor) = (account.UserName!, SignIn.ActorOf(account));
        if (!attempts.TryBegin(name, address, Anywhere))
        {
            await audit.RecordAsync(actor, AuditAction.SignIn, AuditOutcome.Refused, detail: "locked out", source: address);
            return SignInOutcome.LockedOut;
        }

        bool isRight;
        try
        {
            isRight = await IsRightAsync(account, code);
        }
        catch (Exception e) when (AuditSpill.TakesOver(e))
        {
            // On a full disk a recovery code cannot be crossed out: it would open the account again after a restart. It was no guess.
            attempts.TakeBack(name, address, Anywhere);
            await audit.RecordAsync(
                actor, AuditAction.SignIn, AuditOutcome.Refused, detail: "recovery code not crossed out", source: address);
            return SignInOutcome.NotNow;
        }

        if (isRight)
        {
            attempts.Forget(name, address);
            attempts.Forget(name, Anywhere);
            await audit.RecordAsync(actor, AuditAction.SignIn, AuditOutcome.Succeeded, detail: "two factors", source: address);
            await manager.Context.SignOutAsync(IdentityConstants.TwoFactorUserIdScheme);
            await StartAsync(account, half, properties);
            return SignInOutcome.Succeeded;
        }

        await audit.RecordAsync(actor, AuditAction.SignIn, AuditOutcome.Refused, detail: "wrong code", source: address);
        return attempts.IsLocked(name, address, Anywhere) ? SignInOutcome.LockedOut : SignInOutcome.Wrong;
    }

    /// <summary>
    /// Switches it on once the app has shown that it knows the key, with the password asked again: a stolen cookie must not become a whole
    /// sign-in. All other sessions end.
    /// </summary>
    public async Task<SecondFactorResult> SetUpAsync(string password, string key, string code, Actor actor)
    {
        if (await FindAsync(actor.UserId) is not { } account || account.TwoFactorEnabled)
        {
            return new("There is a second factor already: take it away first.", []);
        }

        // First, so that a mistyped code does not use up what a passkey or a provider has answered.
        if (!IsKey(key) || StepOf(account, key, code) is not { } step)
        {
            await audit.RecordAsync(actor, AuditAction.SecondFactor, AuditOutcome.Refused, detail: "wrong code");
            return new("The code is wrong. Is the clock of the app's device right?", []);
        }

        if (await confirm.RunForFactorAsync(SetUpAct, password, actor) is { } refusal)
        {
            await audit.RecordAsync(actor, AuditAction.SecondFactor, AuditOutcome.Refused, detail: "not confirmed");
            return new(refusal, []);
        }

        account.LastCodeStep = step;
        if (!(await Accounts.SetAuthenticationTokenAsync(account, KeyProvider, KeyName, secrets.Hide(key))).Succeeded
            || !(await Accounts.SetTwoFactorEnabledAsync(account, true)).Succeeded
            || await Accounts.GenerateNewTwoFactorRecoveryCodesAsync(account, RecoveryCodes) is not { } codes)
        {
            // Of two at once, as a double click sends, one is done.
            return new("This account was changed at the same moment. Look again.", []);
        }

        await audit.RecordAsync(actor, AuditAction.SecondFactor, AuditOutcome.Succeeded, detail: "set up");
        await sessions.EndAllAsync(account.Id);
        await manager.GoOnAsync(account, hasTwoFactors: true);
        return new(null, [.. codes]);
    }

    /// <summary>A person takes their own away, with the password asked again.</summary>
    /// <returns>Null where it worked; otherwise why not.</returns>
    public async Task<string?> RemoveOwnAsync(string password, Actor actor)
    {
        if (await FindAsync(actor.UserId) is not { TwoFactorEnabled: true } account)
        {
            return "There is no second factor.";
        }

        if (await confirm.RunAsync(RemoveAct, password, actor) is { } refusal)
        {
            await audit.RecordAsync(actor, AuditAction.SecondFactor, AuditOutcome.Refused, detail: "not confirmed");
            return refusal;
        }

        if (!await RemoveAsync(account))
        {
            return "This account was changed at the same moment. Look again.";
        }

        await audit.RecordAsync(actor, AuditAction.SecondFactor, AuditOutcome.Succeeded, detail: "taken away");
        // A passkey that opened the session is two factors still.
        await manager.GoOnAsync(account, manager.Context.User.HasClaim(c => c.Type == Sessions.PasskeyClaim));
        return null;
    }

    /// <summary>For somebody whose device is lost: an administrator has made sure who asks.</summary>
    /// <returns>What is wrong, in words; empty where it worked.</returns>
    public async Task<IReadOnlyList<string>> RemoveAsync(Guid accountId, Actor actor)
    {
        actor.Demand(Role.Admin);
        if (accountId == actor.UserId || await FindAsync(accountId) is not { } account || !await HasAnyAsync(account))
        {
            return await audit.RefuseAsync(
                actor, AuditAction.SecondFactor, ["There is none to take away, or it is your own: that you do under your name."]);
        }

        if (!await RemoveAllAsync(account))
        {
            return ["This account was changed at the same moment. Look again."];
        }

        await audit.RecordAsync(actor, AuditAction.SecondFactor, AuditOutcome.Succeeded, detail: $"{account.UserName}: {AllAway}");
        return [];
    }

    /// <summary>For who owns the machine: the last administrator's device may be lost, too.</summary>
    /// <returns>Whether there was one.</returns>
    internal async Task<bool> RemoveAsync(string userName)
    {
        if (await Accounts.FindByNameAsync(userName) is not { } account || !await HasAnyAsync(account) || !await RemoveAllAsync(account))
        {
            return false;
        }

        await audit.RecordAsync(
            null, AuditAction.SecondFactor, AuditOutcome.Succeeded, detail: $"{account.UserName}: {AllAway} by a command");
        return true;
    }

    // Whatever a thief may have added counts, also a link to a provider that asks for no second factor.
    async Task<bool> HasAnyAsync(Account account) => account.TwoFactorEnabled || !(await Accounts.ListAddedDoorsAsync(account)).IsEmpty;

    // A lost device's owner starts anew: what a thief has added in the meantime goes, too.
    async Task<bool> RemoveAllAsync(Account account) =>
        await Accounts.RemoveDoorsAsync(account, await Accounts.ListAddedDoorsAsync(account)) && await RemoveAsync(account);

    async Task<bool> RemoveAsync(Account account)
    {
        if (!(await Accounts.SetTwoFactorEnabledAsync(account, false)).Succeeded)
        {
            return false;
        }

        await Accounts.RemoveAuthenticationTokenAsync(account, KeyProvider, KeyName);
        await Accounts.RemoveAuthenticationTokenAsync(account, KeyProvider, CodesName);
        await sessions.EndAllAsync(account.Id);
        return true;
    }

    // A new password, or whatever else voids sessions, voids the first half as well.
    Task<AuthenticateResult> HalfAsync() => manager.Context.AuthenticateAsync(IdentityConstants.TwoFactorUserIdScheme);

    // With what the first half has of an identity provider.
    Task StartAsync(Account account, ClaimsPrincipal half, AuthenticationProperties properties)
    {
        var kept = new AuthenticationProperties();
        kept.StoreTokens(properties.GetTokens());
        return manager.SignInWithClaimsAsync(
            account, kept,
            [
                new Claim(MethodClaim, TwoFactors),
                .. half.FindAll(c => c.Type is Sessions.IssuerClaim or Sessions.ProviderSessionClaim).Select(c => c.Clone()),
            ]);
    }

    Task<Account?> FindAsync(Guid id) => Accounts.FindByIdAsync(id.ToString());

    async Task<bool> IsRightAsync(Account account, string code) =>
        secrets.Show(await Accounts.GetAuthenticatorKeyAsync(account)) is { } key && StepOf(account, key, code) is { } step
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

    // Of two who send the same code at once, one comes in: the other one's account has changed meanwhile.
    async Task<bool> TakeAsync(Account account, long step)
    {
        account.LastCodeStep = step;
        if (!attempts.TakeStep(account.Id, step))
        {
            return false;
        }

        try
        {
            return (await Accounts.UpdateAsync(account)).Succeeded;
        }
        catch (Exception e) when (AuditSpill.TakesOver(e))
        {
            // On a full disk the code was taken here all the same.
            return true;
        }
    }

    static bool IsKey(string key) => key.Length == KeyBytes * 8 / 5 && key.All("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".Contains);
}

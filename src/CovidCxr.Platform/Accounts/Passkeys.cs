using System.Security.Claims;
using System.Security.Cryptography;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.Accounts;

/// <param name="Id">The credential's name, in base 64 for addresses.</param>
/// <param name="LastUsedAt">Null where it opened nothing in the last 90 days.</param>
public sealed record PasskeyView(string Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt);

/// <summary>
/// Passkeys (WebAuthn): a device of the person's signs, after it has made sure of the person. So it stands for both factors, and for this
/// host alone.
/// </summary>
public sealed class Passkeys(
    SignInManager<Account> manager, IDbContextFactory<CovidCxrDbContext> contexts, ConfirmPerson confirm, SignInAttempts attempts,
    Sessions sessions, AuditLog audit)
{
    public const int MaxNameLength = 64, MaxPasskeys = 10;

    /// <summary>What another passkey or a provider is asked for in place of the password.</summary>
    public const string AddAct = "passkey";

    // Of a name that may be longer than an act.
    const int MaxActId = 128;

    // Whoever shows a passkey has told no name yet.
    const string Nobody = "a passkey";

    UserManager<Account> Accounts => manager.UserManager;

    public async Task<IReadOnlyList<PasskeyView>> ListAsync(Actor actor, CancellationToken cancellation)
    {
        if (await FindAsync(actor) is not { } account)
        {
            return [];
        }

        var passkeys = await Accounts.GetPasskeysAsync(account);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var used = await db.AccountSessions.Where(s => s.AccountId == account.Id && s.Passkey != null).GroupBy(s => s.Passkey!)
            .Select(g => new { g.Key, At = g.Max(s => s.StartedAt) }).ToDictionaryAsync(g => g.Key, g => g.At, cancellation);
        return
        [
            .. passkeys.OrderBy(p => p.CreatedAt).Select(p => new PasskeyView(
                Convert.ToHexString(p.CredentialId), p.Name ?? "", p.CreatedAt,
                used.TryGetValue(HashOf(p.CredentialId), out var at) ? at : null)),
        ];
    }

    /// <inheritdoc cref="AddAct"/>
    public static string RemoveAct(string id) => $"passkey-away {(id.Length <= MaxActId ? id : id[..MaxActId])}";

    /// <summary>What the browser needs to make one, once the person was asked again.</summary>
    /// <returns>Options as JSON, or why not.</returns>
    public async Task<(string? Options, string? Refusal)> BeginAsync(string password, Actor actor)
    {
        if (await confirm.RunForFactorAsync(AddAct, password, actor) is { } refusal)
        {
            return (null, (await audit.RefuseAsync(actor, AuditAction.Passkey, [refusal]))[0]);
        }

        if (await FindAsync(actor) is not { } account || (await Accounts.GetPasskeysAsync(account)).Count >= MaxPasskeys)
        {
            return (null, $"There are {MaxPasskeys} passkeys already: take one away first.");
        }

        return (
            await manager.MakePasskeyCreationOptionsAsync(
                new() { Id = account.Id.ToString(), Name = account.UserName!, DisplayName = account.UserName! }),
            null);
    }

    /// <summary>What the device made of <see cref="BeginAsync"/>.</summary>
    /// <returns>Null where it is kept, else why not.</returns>
    public async Task<string?> AddAsync(string credential, string name, Actor actor)
    {
        const string Failed = "The passkey could not be taken. Try once more.";
        var made = await TryAsync(() => manager.PerformPasskeyAttestationAsync(credential));
        if (made is not { Succeeded: true } || made.UserEntity.Id != actor.UserId.ToString()
            || await FindAsync(actor) is not { IsDisabled: false } account)
        {
            await audit.RecordAsync(actor, AuditAction.Passkey, AuditOutcome.Refused, detail: "set up");
            return Failed;
        }

        var words = name.Trim();
        made.Passkey.Name = words.Length == 0 ? "Passkey" : words.Length > MaxNameLength ? words[..MaxNameLength] : words;
        if (!(await Accounts.AddOrUpdatePasskeyAsync(account, made.Passkey)).Succeeded)
        {
            return Failed;
        }

        await audit.RecordAsync(actor, AuditAction.Passkey, AuditOutcome.Succeeded, detail: "set up");
        return null;
    }

    /// <returns>Null where it is gone, else why not.</returns>
    public async Task<string?> RemoveAsync(string id, string password, Actor actor)
    {
        if (await confirm.RunForFactorAsync(RemoveAct(id), password, actor) is { } refusal)
        {
            return (await audit.RefuseAsync(actor, AuditAction.Passkey, [refusal]))[0];
        }

        const string None = "There is no such passkey.";
        if (await FindAsync(actor) is not { } account)
        {
            return None;
        }

        var passkeys = await Accounts.GetPasskeysAsync(account);
        if (passkeys.FirstOrDefault(p => Convert.ToHexString(p.CredentialId) == id) is not { } passkey)
        {
            return None;
        }

        if (passkeys.Count == 1 && account.PasswordHash is null && (await Accounts.GetLoginsAsync(account)).Count == 0)
        {
            return (await audit.RefuseAsync(
                actor, AuditAction.Passkey, ["This account has no password and no provider: nothing else would open it."]))[0];
        }

        if (!(await Accounts.RemovePasskeyAsync(account, passkey.CredentialId)).Succeeded)
        {
            return None;
        }

        // What it opened ends with it.
        await sessions.EndOfPasskeyAsync(account.Id, HashOf(passkey.CredentialId));
        await audit.RecordAsync(actor, AuditAction.Passkey, AuditOutcome.Succeeded, detail: "taken away");
        return null;
    }

    /// <summary>What the browser needs to ask any passkey of this host.</summary>
    public Task<string> AskAsync() => manager.MakePasskeyRequestOptionsAsync(user: null);

    /// <param name="credential">What the device answered to <see cref="AskAsync"/>.</param>
    public async Task<SignInOutcome> SignInAsync(string credential, string address)
    {
        if (!attempts.TryBegin(Nobody, address))
        {
            await audit.RecordAsync(null, AuditAction.SignIn, AuditOutcome.Refused, detail: "locked out, passkey", source: address);
            return SignInOutcome.LockedOut;
        }

        var shown = await TryAsync(() => manager.PerformPasskeyAssertionAsync(credential));
        if (shown is not { Succeeded: true, User: { IsDisabled: false } account } || !shown.Passkey.IsUserVerified
            || !await Accounts.NoteUseAsync(account, shown.Passkey))
        {
            await audit.RecordAsync(
                shown is { Succeeded: true } ? SignIn.ActorOf(shown.User) : null, AuditAction.SignIn, AuditOutcome.Refused,
                detail: "passkey", source: address);
            return attempts.IsLocked(Nobody, address) ? SignInOutcome.LockedOut : SignInOutcome.Wrong;
        }

        attempts.Forget(Nobody, address);
        await manager.SignInWithClaimsAsync(
            account, isPersistent: false,
            [
                new Claim(SecondFactor.MethodClaim, SecondFactor.TwoFactors),
                new Claim(Sessions.PasskeyClaim, HashOf(shown.Passkey.CredentialId)),
            ]);
        await audit.RecordAsync(
            SignIn.ActorOf(account), AuditAction.SignIn, AuditOutcome.Succeeded, detail: "passkey, two factors", source: address);
        return SignInOutcome.Succeeded;
    }

    // Without a question under way, or with one that was answered, or with no answer, Identity throws.
    static async Task<TResult?> TryAsync<TResult>(Func<Task<TResult>> ask)
        where TResult : class
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    static string HashOf(byte[] credential) => Convert.ToHexString(SHA256.HashData(credential));

    Task<Account?> FindAsync(Actor actor) => Accounts.FindByIdAsync(actor.UserId.ToString());
}

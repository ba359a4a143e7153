using System.Security.Claims;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.Accounts;

/// <param name="Refusal">Null where somebody is signed in, or half of it is done.</param>
/// <param name="NeedsCode">The account has an authenticator, and the provider did not ask for a second factor.</param>
public sealed record ProviderSignInResult(ProviderRefusal? Refusal, bool NeedsCode = false);

/// <summary>
/// Signs in whom an identity provider vouches for. The account is found by issuer and subject alone, never by a name or an address. The
/// roles follow the groups at every sign-in, where the provider tells them.
/// </summary>
public sealed class ProviderSignIn(
    SignInManager<Account> manager, CovidCxrDbContext db, SecondFactor second, Sessions sessions, AuditLog audit)
{
    const string IdToken = "id_token";

    // As many as share a name; more are a mistake.
    const int MaxNamesakes = 20;

    UserManager<Account> Accounts => manager.UserManager;

    /// <param name="address">Where the sign-in comes from.</param>
    public async Task<ProviderSignInResult> RunAsync(ProviderIdentity identity, string address)
    {
        var (provider, roles) = (identity.Provider, identity.Roles);
        var account = await Accounts.FindByLoginAsync(provider.Issuer, identity.Subject);
        if (account is { IsDisabled: true })
        {
            return await RefuseAsync(account, ProviderRefusal.Disabled, $"disabled account, by {provider.Id}", address);
        }

        if (account is null)
        {
            if (!provider.CreatesAccounts)
            {
                return await RefuseAsync(null, ProviderRefusal.NotLinked, $"no account is linked, by {provider.Id}", address);
            }

            if (roles is not { Count: > 0 } || await CreateAsync(identity, roles, address) is not { } created)
            {
                return await RefuseAsync(null, ProviderRefusal.NoRole, $"no role, by {provider.Id}", address);
            }

            account = created;
        }
        else if (roles is not null)
        {
            if (await FollowAsync(account, roles, provider, address) is not { } followed)
            {
                return await RefuseAsync(account, ProviderRefusal.Failed, $"roles not changed, by {provider.Id}", address);
            }

            if (followed.Count == 0)
            {
                return await RefuseAsync(account, ProviderRefusal.NoRole, $"no role, by {provider.Id}", address);
            }
        }

        var (claims, properties) = (ClaimsOf(identity), new AuthenticationProperties());
        properties.StoreTokens(identity.IdToken is { } token ? [new AuthenticationToken { Name = IdToken, Value = token }] : []);
        if (account.TwoFactorEnabled && !identity.HasSecondFactor)
        {
            await second.BeginAsync(account, claims, properties);
            return new(null, NeedsCode: true);
        }

        await manager.SignInWithClaimsAsync(account, properties, claims);
        await audit.RecordAsync(
            SignIn.ActorOf(account), AuditAction.SignIn, AuditOutcome.Succeeded,
            detail: $"by {provider.Id}{(identity.HasSecondFactor ? ", two factors" : "")}", source: address);
        return new(null);
    }

    static List<Claim> ClaimsOf(ProviderIdentity identity)
    {
        List<Claim> claims = [new(Sessions.IssuerClaim, identity.Provider.Issuer)];
        claims.AddRange(identity.Session is { } session ? [new(Sessions.ProviderSessionClaim, session)] : []);
        claims.AddRange(identity.HasSecondFactor ? [new(SecondFactor.MethodClaim, SecondFactor.TwoFactors)] : []);
        return claims;
    }

    // What somebody no longer may ends at once, on open pages as well.
    /// <returns>The roles as they are now; null where they could not be changed.</returns>
    async Task<IReadOnlyList<string>?> FollowAsync(Account account, IReadOnlyList<string> told, ProviderOptions provider, string address)
    {
        var before = await Accounts.GetRolesAsync(account);
        var roles = told;
        if (before.Contains(Role.Admin) && !told.Contains(Role.Admin) && await IsLastAdministratorAsync(account))
        {
            roles = [.. told, Role.Admin];
            await audit.RecordAsync(
                SignIn.ActorOf(account), AuditAction.AccountChange, AuditOutcome.Refused,
                detail: $"{account.UserName}: stays the last administrator, by {provider.Id}", source: address);
        }

        var (lost, gained) = (before.Except(roles).ToList(), roles.Except(before).ToList());
        if (lost.Count == 0 && gained.Count == 0)
        {
            return roles;
        }

        var isDone = (await Accounts.RemoveFromRolesAsync(account, lost)).Succeeded
            && (await Accounts.AddToRolesAsync(account, gained)).Succeeded
            && (await Accounts.UpdateSecurityStampAsync(account)).Succeeded;
        if (lost.Count > 0)
        {
            await sessions.EndAllAsync(account.Id);
        }

        await audit.RecordAsync(
            SignIn.ActorOf(account), AuditAction.AccountChange, isDone ? AuditOutcome.Succeeded : AuditOutcome.Refused,
            detail: $"{account.UserName}: {(roles.Count == 0 ? "no role" : string.Join(", ", roles))}, by {provider.Id}", source: address);
        return isDone ? roles : null;
    }

    async Task<bool> IsLastAdministratorAsync(Account account) =>
        (await Accounts.GetUsersInRoleAsync(Role.Admin)).All(a => a.Id == account.Id || a.IsDisabled);

    /// <returns>Null where the same person is being created at the same moment.</returns>
    async Task<Account?> CreateAsync(ProviderIdentity identity, IReadOnlyList<string> roles, string address)
    {
        var (provider, name) = (identity.Provider, await FreeNameAsync(identity));
        var account = new Account { Id = Guid.CreateVersion7(), UserName = name };
        try
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            if (name is null || !(await Accounts.CreateAsync(account)).Succeeded
                || !(await Accounts.AddLoginAsync(account, new(provider.Issuer, identity.Subject, provider.Name))).Succeeded
                || !(await Accounts.AddToRolesAsync(account, roles)).Succeeded)
            {
                return null;
            }

            await transaction.CommitAsync();
        }
        catch (DbUpdateException)
        {
            return null;
        }

        await audit.RecordAsync(
            SignIn.ActorOf(account), AuditAction.AccountCreate, AuditOutcome.Succeeded,
            detail: $"{name}: {string.Join(", ", roles)}, by {provider.Id}", source: address);
        return account;
    }

    // The name of somebody else says nothing: an account of that name is another's, and this one is called otherwise.
    async Task<string?> FreeNameAsync(ProviderIdentity identity)
    {
        var allowed = Accounts.Options.User.AllowedUserNameCharacters;
        var asked = new string([.. (identity.Name ?? "").Where(allowed.Contains).Take(64)]);
        var name = asked.Length > 0 ? asked : identity.Provider.Id;
        string[] candidates = [name, .. Enumerable.Range(1, MaxNamesakes).Select(i => $"{name}+{identity.Provider.Id}{(i > 1 ? i : "")}")];
        foreach (var candidate in candidates)
        {
            if (await Accounts.FindByNameAsync(candidate) is null)
            {
                return candidate;
            }
        }

        return null;
    }

    async Task<ProviderSignInResult> RefuseAsync(Account? account, ProviderRefusal refusal, string detail, string address)
    {
        await audit.RecordAsync(
            account is null ? null : SignIn.ActorOf(account), AuditAction.SignIn, AuditOutcome.Refused, detail: detail,
            source: address);
        return new(refusal);
    }
}

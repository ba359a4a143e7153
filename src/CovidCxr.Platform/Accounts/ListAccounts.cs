using CovidCxr.Domain.Accounts;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Accounts;

/// <param name="IsLocked">At some address, after wrong passwords.</param>
/// <param name="HasSecondFactor">An authenticator, a passkey, or a provider whose second factor counts.</param>
/// <param name="LastSignIn">Null where there was none in the last 90 days.</param>
public sealed record AccountView(
    Guid Id, string UserName, string? FullName, IReadOnlyList<string> Roles, bool IsDisabled, bool IsLocked, DateTimeOffset? LastSignIn,
    bool HasSecondFactor);

/// <summary>Every account, by name.</summary>
public sealed class ListAccounts(
    IDbContextFactory<CovidCxrDbContext> contexts, SignInAttempts attempts, IOptions<AccountOptions> options)
{
    public async Task<IReadOnlyList<AccountView>> RunAsync(Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var roles = await (from ur in db.UserRoles
                           join r in db.Roles on ur.RoleId equals r.Id
                           select new { ur.UserId, r.Name }).ToListAsync(cancellation);
        var users = await db.Users.AsNoTracking().OrderBy(u => u.UserName).ToListAsync(cancellation);
        var withPasskey = await db.UserPasskeys.Select(p => p.UserId).Distinct().ToListAsync(cancellation);
        var links = (await db.UserLogins.Select(l => new { l.UserId, l.LoginProvider }).ToListAsync(cancellation))
            .ToLookup(l => l.UserId, l => l.LoginProvider);
        var lastSignIns = await db.AccountSessions.GroupBy(s => s.AccountId)
            .Select(g => new { g.Key, At = g.Max(s => s.StartedAt) }).ToDictionaryAsync(g => g.Key, g => g.At, cancellation);
        return [.. users.Select(u => new AccountView(
            u.Id, u.UserName!, u.FullName, [.. roles.Where(r => r.UserId == u.Id).Select(r => r.Name!).Order()], u.IsDisabled,
            attempts.IsLockedAnywhere(u.UserName!), lastSignIns.TryGetValue(u.Id, out var at) ? at : null,
            u.HasSecondFactor(withPasskey.Contains(u.Id), links[u.Id], options.Value)))];
    }
}

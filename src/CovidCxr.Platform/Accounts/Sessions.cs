using System.Collections.Concurrent;
using System.Data.Common;
using System.Linq.Expressions;
using System.Security.Claims;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Accounts;

/// <param name="IsThis">The one that asks.</param>
public sealed record SessionView(Guid Id, DateTimeOffset StartedAt, DateTimeOffset LastUsedAt, string From, string Browser, bool IsThis);

/// <summary>
/// Who is signed in. A circuit sends no cookie and a copied cookie outlives a sign-out, so both are asked here. In the database: a restart
/// and another program on it know what has ended, within ten seconds.
/// </summary>
public sealed class Sessions(
    IDbContextFactory<CovidCxrDbContext> contexts, IOptions<AccountOptions> options, AuditLog audit, TimeProvider time)
{
    /// <summary>The claim that names the session.</summary>
    public const string ClaimType = "session";

    /// <summary>The claims of who vouched for the person: an identity provider, its own session, or a passkey.</summary>
    public const string IssuerClaim = "issuer", ProviderSessionClaim = "provider-session", PasskeyClaim = "passkey";

    /// <summary>Whether it tells how the person came in, which stays so where they are looked up anew.</summary>
    public static bool TellsHow(Claim claim) =>
        claim.Type is SecondFactor.MethodClaim or IssuerClaim or ProviderSessionClaim or PasskeyClaim;

    // A page with its pictures is dozens of requests: one of them asks the database.
    static readonly TimeSpan Trust = TimeSpan.FromSeconds(10);

    // For "last sign-in"; then it is nobody's business any more.
    static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    // What began while the disk was full: the sign-in counts, until the program ends.
    readonly ConcurrentDictionary<Guid, AccountSession> _unwritten = new();

    // When each was last used, which a full disk does not take down; and what has ended here, whether or not it could be written.
    readonly ConcurrentDictionary<Guid, DateTimeOffset> _confirmed = new(), _ended = new();

    /// <summary>Gives a person who signs in a session; the one of before, in this browser, ends.</summary>
    public async Task BeginAsync(ClaimsPrincipal person, ClaimsPrincipal? before, string from, string browser)
    {
        var (id, now) = (Guid.NewGuid(), time.GetUtcNow());
        if (before is not null)
        {
            await EndAsync(before);
        }

        await WriteAsync(new AccountSession
        {
            Id = id,
            AccountId = Guid.Parse(person.FindFirstValue(ClaimTypes.NameIdentifier)!),
            StartedAt = now,
            LastUsedAt = now,
            From = Cut(from, AccountSession.MaxFromLength),
            Browser = Cut(browser, AccountSession.MaxBrowserLength),
            Issuer = person.FindFirstValue(IssuerClaim),
            ProviderSession = person.FindFirstValue(ProviderSessionClaim),
            Passkey = person.FindFirstValue(PasskeyClaim),
        });
        ((ClaimsIdentity)person.Identity!).AddClaim(new(ClaimType, id.ToString("N")));
        foreach (var old in _unwritten.Where(u => now - u.Value.StartedAt >= options.Value.SessionLifetime))
        {
            _unwritten.TryRemove(old);
        }

        foreach (var known in new[] { _confirmed, _ended })
        {
            foreach (var old in known.Where(c => now - c.Value >= options.Value.SessionLifetime))
            {
                known.TryRemove(old);
            }
        }
    }

    async Task WriteAsync(AccountSession session)
    {
        await using var db = await contexts.CreateDbContextAsync();
        try
        {
            var limit = session.LastUsedAt - Kept;
            await db.AccountSessions.Where(s => s.LastUsedAt < limit).ExecuteDeleteAsync();
            db.AccountSessions.Add(session);
            await db.SaveChangesAsync();
            _unwritten.TryRemove(session.Id, out _);
        }
        catch (Exception e) when (AuditSpill.TakesOver(e))
        {
            _unwritten[session.Id] = session;
        }
    }

    /// <summary>Notes that a person did something.</summary>
    /// <returns>False where the session has ended, was idle for too long, or has lasted too long.</returns>
    public async Task<bool> TouchAsync(ClaimsPrincipal person)
    {
        if (IdOf(person) is not { } id || _ended.ContainsKey(id))
        {
            return false;
        }

        var now = time.GetUtcNow();
        if (_confirmed.TryGetValue(id, out var at) && now - at < Trust)
        {
            return true;
        }

        if (_unwritten.TryGetValue(id, out var unwritten))
        {
            // Perhaps there is room by now; if not, it is known here.
            await WriteAsync(unwritten);
        }

        await using var db = await contexts.CreateDbContextAsync();
        bool isOpen;
        try
        {
            isOpen = await Open(db, now).Where(s => s.Id == id).ExecuteUpdateAsync(s => s.SetProperty(x => x.LastUsedAt, now)) > 0
                || (_unwritten.ContainsKey(id) && await IsOpenAsync(db, id, now, CancellationToken.None));
        }
        catch (DbException)
        {
            // A full disk ends nobody's work: what stands there and what is known here tell whether the session is over.
            isOpen = await IsOpenAsync(db, id, now, CancellationToken.None);
        }

        if (isOpen)
        {
            _confirmed[id] = now;
        }

        return isOpen;
    }

    /// <summary>The same question without counting as use.</summary>
    public async Task<bool> IsOpenAsync(ClaimsPrincipal person, CancellationToken cancellation)
    {
        if (IdOf(person) is not { } id || _ended.ContainsKey(id))
        {
            return false;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await IsOpenAsync(db, id, time.GetUtcNow(), cancellation);
    }

    async Task<bool> IsOpenAsync(CovidCxrDbContext db, Guid id, DateTimeOffset now, CancellationToken cancellation) =>
        (await db.AccountSessions.AsNoTracking().SingleOrDefaultAsync(s => s.Id == id, cancellation)
            ?? _unwritten.GetValueOrDefault(id)) is { EndedAt: null } session
        && now - session.StartedAt < options.Value.SessionLifetime
        && (now - session.LastUsedAt < options.Value.IdleTimeout
            || (_confirmed.TryGetValue(id, out var used) && now - used < options.Value.IdleTimeout));

    /// <summary>A person's own, the last used one first.</summary>
    public async Task<IReadOnlyList<SessionView>> ListAsync(ClaimsPrincipal person, Actor actor, CancellationToken cancellation)
    {
        var own = IdOf(person);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await Open(db, time.GetUtcNow()).Where(s => s.AccountId == actor.UserId).OrderByDescending(s => s.LastUsedAt)
            .Select(s => new SessionView(s.Id, s.StartedAt, s.LastUsedAt, s.From, s.Browser, s.Id == own)).ToListAsync(cancellation);
    }

    /// <summary>A sign-out.</summary>
    public async Task EndAsync(ClaimsPrincipal person)
    {
        if (IdOf(person) is { } id)
        {
            await EndAsync(s => s.Id == id);
        }
    }

    /// <summary>Ends one of a person's own sessions, or all but the one that asks.</summary>
    public async Task EndOwnAsync(Guid? session, ClaimsPrincipal person, Actor actor)
    {
        var own = IdOf(person);
        var ended = await EndAsync(s => s.AccountId == actor.UserId && s.Id != own && (session == null || s.Id == session));
        await audit.RecordAsync(actor, AuditAction.SignOut, AuditOutcome.Succeeded, detail: $"{ended} other sessions");
    }

    /// <summary>Signs somebody out everywhere, for an administrator.</summary>
    public async Task<IReadOnlyList<string>> EndAllAsync(AccountView account, Actor actor)
    {
        actor.Demand(Role.Admin);
        var ended = await EndAllAsync(account.Id);
        await audit.RecordAsync(
            actor, AuditAction.AccountChange, AuditOutcome.Succeeded, detail: $"{account.UserName}: signed out of {ended} sessions");
        return [];
    }

    /// <summary>Those that an identity provider vouched for: of one of its sessions, of an account, or of both.</summary>
    internal Task<int> EndOfProviderAsync(string issuer, Guid? account, string? session) => EndAsync(
        s => s.Issuer == issuer && (account == null || s.AccountId == account) && (session == null || s.ProviderSession == session));

    /// <summary>Those that one of a person's passkeys opened.</summary>
    internal Task<int> EndOfPasskeyAsync(Guid account, string passkey) =>
        EndAsync(s => s.AccountId == account && s.Passkey == passkey);

    internal Task<int> EndAllAsync(Guid account) => EndAsync(s => s.AccountId == account);

    async Task<int> EndAsync(Expression<Func<AccountSession, bool>> which)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync();
        var ids = await db.AccountSessions.Where(s => s.EndedAt == null).Where(which).Select(s => s.Id).ToListAsync();
        ids.AddRange(_unwritten.Values.Where(which.Compile()).Select(s => s.Id));
        ids.ForEach(id => _ended[id] = now);
        ids.ForEach(id => _unwritten.TryRemove(id, out _));
        try
        {
            await db.AccountSessions.Where(s => ids.Contains(s.Id)).ExecuteUpdateAsync(s => s.SetProperty(x => x.EndedAt, now));
        }
        catch (DbException)
        {
            // On a full disk they are over here all the same.
        }

        return ids.Count;
    }

    IQueryable<AccountSession> Open(CovidCxrDbContext db, DateTimeOffset now)
    {
        var (idle, begun) = (now - options.Value.IdleTimeout, now - options.Value.SessionLifetime);
        return db.AccountSessions.Where(s => s.EndedAt == null && s.LastUsedAt > idle && s.StartedAt > begun);
    }

    /// <returns>Null where the person has none.</returns>
    public static Guid? IdOf(ClaimsPrincipal person) => Guid.TryParse(person.FindFirstValue(ClaimType), out var id) ? id : null;

    static string Cut(string text, int length) => text.Length <= length ? text : text[..length];
}

using System.Collections.Concurrent;
using System.Security.Claims;
using CovidCxr.Platform.Accounts;
using Microsoft.Extensions.Options;

namespace CovidCxr.Web.Shared.Security;

/// <summary>
/// When each session was last used, and which have ended. A circuit sends no cookie and a copied cookie outlives a sign-out, so both are
/// asked here. In memory: after a restart a session is new, and bounded by its cookie.
/// </summary>
sealed class Sessions(IOptions<AccountOptions> options, TimeProvider time)
{
    /// <summary>The claim that names the session.</summary>
    public const string ClaimType = "session";

    readonly ConcurrentDictionary<string, Use> _uses = new();

    readonly record struct Use(DateTimeOffset At, bool IsOver);

    /// <summary>Gives a person who signs in a session.</summary>
    public void Begin(ClaimsPrincipal person)
    {
        ForgetOld();
        ((ClaimsIdentity)person.Identity!).AddClaim(new(ClaimType, Guid.NewGuid().ToString("N")));
        Touch(person);
    }

    /// <summary>Notes that a person did something.</summary>
    /// <returns>False where the session is over, or was idle for too long and is over now.</returns>
    public bool Touch(ClaimsPrincipal person)
    {
        var now = time.GetUtcNow();
        return person.FindFirstValue(ClaimType) is { } id
            && !_uses.AddOrUpdate(id, new Use(now, false), (_, last) => IsOpen(last, now) ? new(now, false) : last with { IsOver = true })
                .IsOver;
    }

    /// <summary>The same question without counting as use.</summary>
    public bool IsOpen(ClaimsPrincipal person) =>
        person.FindFirstValue(ClaimType) is { } id && (!_uses.TryGetValue(id, out var last) || IsOpen(last, time.GetUtcNow()));

    public void End(ClaimsPrincipal person)
    {
        if (person.FindFirstValue(ClaimType) is { } id)
        {
            _uses[id] = new(time.GetUtcNow(), true);
        }
    }

    bool IsOpen(Use last, DateTimeOffset now) => !last.IsOver && now - last.At < options.Value.IdleTimeout;

    // By then the cookie has run out as well.
    void ForgetOld()
    {
        var limit = time.GetUtcNow() - (options.Value.IdleTimeout * (SessionCookie.LifetimeInIdleTimes + 1));
        foreach (var old in _uses.Where(u => u.Value.At < limit))
        {
            _uses.TryRemove(old);
        }
    }
}

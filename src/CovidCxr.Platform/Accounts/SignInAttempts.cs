using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Accounts;

/// <summary>
/// Wrong passwords in a row, by name and address. Who guesses locks out themselves, not a colleague at another desk; and a name that
/// nobody has is counted like any other, so that a lock tells nothing. In memory: a restart forgets.
/// </summary>
public sealed class SignInAttempts(IOptions<AccountOptions> options, TimeProvider time)
{
    /// <summary>Where so many are known the old ones are forgotten; an address may try some dozen in a minute.</summary>
    const int Many = 10_000;

    readonly Lock _gate = new();
    readonly Dictionary<(string Name, string Address), (int Wrong, DateTimeOffset Last)> _attempts = [];

    readonly Dictionary<Guid, long> _steps = [];

    /// <summary>
    /// Counts an attempt as wrong before it is looked at, so that many at once are as many. <see cref="Forget(string, string)"/> follows
    /// where it was right.
    /// </summary>
    /// <returns>False where it is locked at one of the addresses: then nothing is counted.</returns>
    public bool TryBegin(string name, params ReadOnlySpan<string> addresses)
    {
        lock (_gate)
        {
            if (IsLocked(name, addresses))
            {
                return false;
            }

            foreach (var address in addresses)
            {
                Fail(name, address);
            }

            return true;
        }
    }

    /// <summary>Of an attempt that was begun and was no wrong one: what went wrong before still counts.</summary>
    public void TakeBack(string name, params ReadOnlySpan<string> addresses)
    {
        lock (_gate)
        {
            foreach (var address in addresses)
            {
                var (wrong, last) = _attempts.GetValueOrDefault((Key(name), address));
                if (wrong > 1)
                {
                    _attempts[(Key(name), address)] = (wrong - 1, last);
                }
                else
                {
                    _attempts.Remove((Key(name), address));
                }
            }
        }
    }

    /// <summary>Whether it is locked at one of the addresses.</summary>
    public bool IsLocked(string name, params ReadOnlySpan<string> addresses)
    {
        lock (_gate)
        {
            foreach (var address in addresses)
            {
                if (IsLocked(_attempts.GetValueOrDefault((Key(name), address))))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Whether somebody at any address is locked out of this account.</summary>
    public bool IsLockedAnywhere(string name)
    {
        lock (_gate)
        {
            return _attempts.Any(a => a.Key.Name == Key(name) && IsLocked(a.Value));
        }
    }

    /// <summary>Counts a wrong one.</summary>
    public void Fail(string name, string address)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_attempts.Count >= Many)
            {
                foreach (var old in _attempts.Where(a => now - a.Value.Last >= options.Value.LockoutDuration).ToList())
                {
                    _attempts.Remove(old.Key);
                }
            }

            var (wrong, last) = _attempts.GetValueOrDefault((Key(name), address));
            _attempts[(Key(name), address)] = (now - last < options.Value.LockoutDuration ? wrong + 1 : 1, now);
        }
    }

    /// <summary>Notes the 30 seconds of a code, which holds where the database cannot be written.</summary>
    /// <returns>Whether neither they nor later ones were taken.</returns>
    public bool TakeStep(Guid account, long step)
    {
        lock (_gate)
        {
            var isNew = step > _steps.GetValueOrDefault(account);
            _steps[account] = Math.Max(step, _steps.GetValueOrDefault(account));
            return isNew;
        }
    }

    /// <summary>After the right password.</summary>
    public void Forget(string name, string address)
    {
        lock (_gate)
        {
            _attempts.Remove((Key(name), address));
        }
    }

    /// <summary>At every address, when an administrator has given the account a new password.</summary>
    public void Forget(string name)
    {
        lock (_gate)
        {
            foreach (var attempt in _attempts.Keys.Where(k => k.Name == Key(name)).ToList())
            {
                _attempts.Remove(attempt);
            }
        }
    }

    bool IsLocked((int Wrong, DateTimeOffset Last) attempt) =>
        attempt.Wrong >= options.Value.LockoutAttempts && time.GetUtcNow() - attempt.Last < options.Value.LockoutDuration;

    static string Key(string name) => name.Trim().ToUpperInvariant();
}

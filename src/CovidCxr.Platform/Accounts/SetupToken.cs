using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Platform.Accounts;

/// <summary>
/// The one-time token with which the first visitor of a new installation creates the administrator. It lives in this process alone.
/// </summary>
public sealed class SetupToken(ILogger<SetupToken> logger)
{
    string? _token;

    public bool IsOffered => _token is not null;

    /// <summary>Makes a token and writes it to the log, which only the installer reads.</summary>
    public void Offer()
    {
        _token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        logger.LogWarning("No account exists. Open /account/setup and create the administrator with this one-time token: {Token}", _token);
    }

    /// <summary>True for one caller at most: whoever gets it alone may create the administrator.</summary>
    public bool TryTake(string given) =>
        _token is { } expected
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given.Trim()), Encoding.UTF8.GetBytes(expected))
        && ReferenceEquals(Interlocked.CompareExchange(ref _token, null, expected), expected);

    /// <summary>After an attempt that created nobody.</summary>
    public void GiveBack(string given) => _token = given.Trim();
}

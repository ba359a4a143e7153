using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace CovidCxr.Platform.Accounts;

/// <summary>
/// What an authenticator's key looks like in the database: encrypted with the keys beside it, which a certificate may protect in turn.
/// One from before is taken as it is.
/// </summary>
public sealed class FactorSecrets(IDataProtectionProvider protection)
{
    // No letter of base 32.
    const string Mark = "1:";

    readonly IDataProtector _protector = protection.CreateProtector("CovidCxr.SecondFactor");

    public string Hide(string key) => Mark + _protector.Protect(key);

    /// <returns>Null where there is none, or the keys that it was hidden with are gone.</returns>
    public string? Show(string? stored)
    {
        if (stored is null || !stored.StartsWith(Mark, StringComparison.Ordinal))
        {
            return stored;
        }

        try
        {
            return _protector.Unprotect(stored[Mark.Length..]);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}

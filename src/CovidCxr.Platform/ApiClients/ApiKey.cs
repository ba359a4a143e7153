using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace CovidCxr.Platform.ApiClients;

/// <summary>
/// A key such as cxr_1a2b3c4d_ and 43 characters more: what finds it, and 256 random bits that nobody keeps. The beginning lets scanners of
/// source code know a key that was committed by mistake.
/// </summary>
readonly record struct ApiKey(string Prefix, string Text)
{
    const string Kind = "cxr_";
    const int PrefixBytes = 4, SecretBytes = 32, PrefixLength = 2 * PrefixBytes, SecretLength = 43;

    public byte[] Hash => SHA256.HashData(Encoding.ASCII.GetBytes(Text));

    public static ApiKey Draw()
    {
        var prefix = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(PrefixBytes));
        return new(prefix, $"{Kind}{prefix}_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}");
    }

    /// <returns>Null for what has not the form of a key.</returns>
    public static ApiKey? Read(string text) =>
        text.Length == Kind.Length + PrefixLength + 1 + SecretLength && text.StartsWith(Kind, StringComparison.Ordinal)
        && text[Kind.Length + PrefixLength] == '_' && text.All(char.IsAscii)
            ? new(text.Substring(Kind.Length, PrefixLength), text)
            : null;
}

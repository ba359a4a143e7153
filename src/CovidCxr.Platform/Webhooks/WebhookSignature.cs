using System.Security.Cryptography;
using System.Text;

namespace CovidCxr.Platform.Webhooks;

/// <summary>
/// Proves to a receiver that a message is this program's, unchanged and new: HMAC-SHA256 over its id, the time of the attempt and its body.
/// Source: Standard Webhooks 1.0.0, https://github.com/standard-webhooks/standard-webhooks.
/// </summary>
static class WebhookSignature
{
    const string SecretKind = "whsec_";

    const int ShortestSecret = 24, LongestSecret = 64;

    /// <returns>Null for what is no secret.</returns>
    public static byte[]? ReadSecret(string text)
    {
        var bytes = new byte[LongestSecret];
        return text.StartsWith(SecretKind, StringComparison.Ordinal)
            && Convert.TryFromBase64String(text[SecretKind.Length..], bytes, out var length) && length >= ShortestSecret
                ? bytes[..length]
                : null;
    }

    /// <param name="secrets">Each makes a signature of its own.</param>
    /// <param name="id">The header webhook-id.</param>
    /// <param name="seconds">The header webhook-timestamp, since 1970.</param>
    /// <returns>The header webhook-signature.</returns>
    public static string Of(IEnumerable<byte[]> secrets, string id, long seconds, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.ASCII.GetBytes($"{id}.{seconds}."), .. body];
        return string.Join(' ', secrets.Select(s => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(s, signed))}"));
    }
}

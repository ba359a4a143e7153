using System.Security.Cryptography;
using System.Text.Json;

namespace CovidCxr.Platform.Audit;

/// <summary>How long the trail was and how it ended when it was last sealed, in a file beside the key.</summary>
/// <param name="Count">Sealed entries.</param>
/// <param name="Signature">Of the other three, with the key.</param>
sealed record AuditHead(long Count, long LastId, byte[] Seal, byte[] Signature)
{
    public static AuditHead Of(AuditKey key, long count, long lastId, byte[] seal) =>
        new(count, lastId, seal, key.Sign(count, lastId, seal));

    static string PathIn(string folder) => Path.Combine(folder, "audit-head.json");

    public static bool IsThere(AuditKey key) => File.Exists(PathIn(key.Folder));

    /// <summary>Null where there is none, or where somebody else wrote it.</summary>
    public static AuditHead? TryRead(AuditKey key)
    {
        try
        {
            return IsThere(key) && JsonSerializer.Deserialize<AuditHead>(File.ReadAllBytes(PathIn(key.Folder))) is { } head
                && CryptographicOperations.FixedTimeEquals(head.Signature, key.Sign(head.Count, head.LastId, head.Seal)) ? head : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public void Write(string folder) => AuditKey.WriteWhole(PathIn(folder), JsonSerializer.SerializeToUtf8Bytes(this));
}

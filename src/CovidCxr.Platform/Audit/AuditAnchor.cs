using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CovidCxr.Platform.Audit;

/// <summary>Where an archive ends, and so the trail begins: as many entries lie in archives, and the last was sealed so.</summary>
/// <param name="Name">Of the archive's file.</param>
sealed record AuditAnchor(long Count, long LastId, byte[] Seal, string Name)
{
    /// <summary>Of a trail that was never archived.</summary>
    public static readonly AuditAnchor None = new(0, 0, [], "");

    /// <summary>What the seal of the next entry covers; null for the first of all.</summary>
    [JsonIgnore]
    public byte[]? Previous => LastId == 0 ? null : Seal;
}

/// <summary>All archives of the trail, the oldest first, in a file beside the key.</summary>
sealed record AuditAnchors(IReadOnlyList<AuditAnchor> All, byte[] Signature)
{
    static string PathIn(string folder) => Path.Combine(folder, "audit-anchors.json");

    /// <summary>Null where the file was changed, or is another installation's.</summary>
    public static AuditAnchors? TryRead(AuditKey key)
    {
        if (!File.Exists(PathIn(key.Folder)))
        {
            return new([], []);
        }

        try
        {
            return JsonSerializer.Deserialize<AuditAnchors>(File.ReadAllBytes(PathIn(key.Folder))) is { } read
                && CryptographicOperations.FixedTimeEquals(read.Signature, Sign(key, read.All)) ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The archive that a trail follows whose first entry has this number; null where it has none.</summary>
    /// <remarks>An archive that was written and whose entries still stand, after a kill, is not followed yet.</remarks>
    public AuditAnchor Before(long? firstId) => All.LastOrDefault(a => firstId is null || a.LastId < firstId) ?? AuditAnchor.None;

    public static void Write(AuditKey key, IReadOnlyList<AuditAnchor> all) => AuditKey.WriteWhole(
        PathIn(key.Folder), JsonSerializer.SerializeToUtf8Bytes(new AuditAnchors(all, Sign(key, all))));

    /// <summary>Where the file cannot be believed and the trail is accepted without it.</summary>
    public static void Forget(AuditKey key) => File.Delete(PathIn(key.Folder));

    static byte[] Sign(AuditKey key, IReadOnlyList<AuditAnchor> all) => key.Sign("anchors", JsonSerializer.SerializeToUtf8Bytes(all));
}

using System.Security.Cryptography;
using System.Text;
using CovidCxr.Domain.Audit;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Audit;

/// <summary>
/// The key of the audit trail, in a file outside the database, and what is made with it: the stamp of an entry, and the seal that binds
/// it to the entry before (HMAC-SHA256, RFC 2104).
/// </summary>
public sealed class AuditKey
{
    const int KeyBytes = 32, NonceBytes = 16, TurnAttempts = 200;

    static readonly TimeSpan TurnWait = TimeSpan.FromMilliseconds(20);

    readonly IDbContextFactory<CovidCxrDbContext> _contexts;
    readonly Lazy<byte[]> _key;

    public AuditKey(IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, IOptions<AuditOptions> options)
    {
        _contexts = contexts;
        Folder = options.Value.Folder.Length > 0 ? options.Value.Folder : folder.Keys;
        // A folder that is away is asked for again.
        _key = new(() => ReadOrCreate(isNewAllowed: false), LazyThreadSafetyMode.PublicationOnly);
    }

    public string Folder { get; }

    /// <summary>Reads the key, or makes it and the head of a trail without an entry where nothing was stamped yet.</summary>
    /// <exception cref="InvalidDataException">It is gone or damaged.</exception>
    public void Need() => _ = _key.Value;

    /// <summary>Makes a new key where there is none, also for a trail that was written with another.</summary>
    public void CreateIfGone() => ReadOrCreate(isNewAllowed: true);

    /// <summary>Of a new entry.</summary>
    public byte[] Stamp(AuditEntry entry)
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        return [.. nonce, .. Hash("stamp", writer => Write(writer, entry, nonce))];
    }

    /// <summary>Whether the program wrote this entry, and nobody changed it since.</summary>
    public bool IsGenuine(AuditEntry entry) => entry.Stamp is { Length: > NonceBytes } stamp
        && CryptographicOperations.FixedTimeEquals(
            stamp.AsSpan(NonceBytes), Hash("stamp", writer => Write(writer, entry, stamp[..NonceBytes])));

    /// <param name="previous">The seal of the entry before; null for the first.</param>
    public byte[] Seal(AuditEntry entry, byte[]? previous) => Hash("seal", writer =>
    {
        writer.Write(entry.Id);
        Write(writer, previous ?? []);
        Write(writer, entry, entry.Stamp ?? []);
    });

    /// <summary>Of a head: how many entries there were, and how the last one was sealed.</summary>
    public byte[] Sign(long count, long lastId, byte[] seal) => Sign(_key.Value, count, lastId, seal);

    /// <summary>Of whatever else is kept beside the trail.</summary>
    internal byte[] Sign(string purpose, byte[] content) => Hash(purpose, writer => Write(writer, content));

    static byte[] Sign(byte[] key, long count, long lastId, byte[] seal) => Hash(key, "head", writer =>
    {
        writer.Write(count);
        writer.Write(lastId);
        Write(writer, seal);
    });

    // Every field with its length, so that nothing can be moved from one to the next.
    static void Write(BinaryWriter writer, AuditEntry entry, byte[] salt)
    {
        writer.Write(entry.At.UtcTicks);
        Write(writer, entry.UserId?.ToByteArray());
        Write(writer, entry.UserName is null ? null : Encoding.UTF8.GetBytes(entry.UserName));
        writer.Write((int)entry.Action);
        writer.Write((int)entry.Outcome);
        Write(writer, entry.StudyId?.ToByteArray());
        Write(writer, entry.Detail is null ? null : Encoding.UTF8.GetBytes(entry.Detail));
        Write(writer, salt);
        // Entries from before these fields have none of them, and keep their stamps.
        if (entry is not { Source: null, Before: null, After: null, IsSpilled: false })
        {
            Write(writer, entry.Source is null ? null : Encoding.UTF8.GetBytes(entry.Source));
            Write(writer, entry.Before is null ? null : Encoding.UTF8.GetBytes(entry.Before));
            Write(writer, entry.After is null ? null : Encoding.UTF8.GetBytes(entry.After));
            writer.Write(entry.IsSpilled);
        }
    }

    static void Write(BinaryWriter writer, byte[]? bytes)
    {
        writer.Write(bytes?.Length ?? -1);
        writer.Write(bytes ?? []);
    }

    byte[] Hash(string purpose, Action<BinaryWriter> write) => Hash(_key.Value, purpose, write);

    static byte[] Hash(byte[] key, string purpose, Action<BinaryWriter> write)
    {
        using var content = new MemoryStream();
        using var writer = new BinaryWriter(content);
        writer.Write(purpose);
        write(writer);
        writer.Flush();
        return HMACSHA256.HashData(key, content.GetBuffer().AsSpan(0, (int)content.Length));
    }

    byte[] ReadOrCreate(bool isNewAllowed)
    {
        PrivateFiles.CreateFolder(Folder);
        var path = Path.Combine(Folder, "audit.key");
        if (!File.Exists(path))
        {
            using var turn = TakeTurn(path + ".lock");
            if (!File.Exists(path))
            {
                Create(path, isNewAllowed);
            }
        }

        var key = File.ReadAllBytes(path);
        return key.Length == KeyBytes
            ? key
            : throw new InvalidDataException("The audit trail's key file (audit.key) is damaged: take it from a backup.");
    }

    // Of several first entries at once, in this process or another one, one makes the key and the others wait for it.
    static FileStream TakeTurn(string path)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
            }
            catch (IOException) when (attempt < TurnAttempts)
            {
                Thread.Sleep(TurnWait);
            }
        }
    }

    void Create(string path, bool isNewAllowed)
    {
        using (var db = _contexts.CreateDbContext())
        {
            if (!isNewAllowed && db.Audit.Any(a => a.Stamp != null))
            {
                throw new InvalidDataException(
                    $"The audit trail's key is not in {Folder}. Is it mounted? If the key is lost, `audit accept REASON` makes a new one.");
            }
        }

        // The head of a trail without an entry comes first: a key without a head means that somebody took the head away.
        var key = RandomNumberGenerator.GetBytes(KeyBytes);
        new AuditHead(0, 0, [], Sign(key, 0, 0, [])).Write(Folder);
        var made = path + ".new";
        using (var file = new FileStream(made, PrivateFiles.Writing(FileMode.Create)))
        {
            file.Write(key);
            file.Flush(flushToDisk: true);
        }

        File.Move(made, path);
    }

    /// <summary>Replaces a file beside the key: whoever reads it finds the old content or the new.</summary>
    internal static void WriteWhole(string path, byte[] content)
    {
        var made = path + Path.GetRandomFileName() + ".tmp";
        using (var file = new FileStream(made, PrivateFiles.Writing(FileMode.CreateNew)))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(made, path, overwrite: true);
    }
}

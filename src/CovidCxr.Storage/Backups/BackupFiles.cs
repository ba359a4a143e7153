using System.Security.Cryptography;
using CovidCxr.Storage.Files;

namespace CovidCxr.Storage.Backups;

/// <summary>
/// Copies into a backup and out of it that nobody else may read, hashed on the way and on the disk when they are done. A hash is of what
/// the file is without encryption.
/// </summary>
static class BackupFiles
{
    const int BufferBytes = 1 << 17, OpenAttempts = 50;

    static readonly TimeSpan OpenWait = TimeSpan.FromMilliseconds(20);

    delegate Task<long> Passage(Stream from, Stream to, IncrementalHash hash, CancellationToken cancellation);

    /// <param name="cipher">Null for a backup that is not encrypted; so for all.</param>
    public static async Task<BackupFile> IntoAsync(
        string from, string to, string name, BackupCipher? cipher, CancellationToken cancellation)
    {
        await using var source = await OpenAsync(from, cancellation);
        return await WriteAsync(source, to, name, Into(name, cipher), FileMode.CreateNew, cancellation);
    }

    /// <summary>Likewise of what is in memory.</summary>
    public static async Task IntoAsync(byte[] from, string to, string name, BackupCipher? cipher, CancellationToken cancellation)
    {
        using var source = new MemoryStream(from);
        await WriteAsync(source, to, name, Into(name, cipher), FileMode.CreateNew, cancellation);
    }

    /// <summary>Writes over what an earlier attempt left.</summary>
    public static async Task<BackupFile> OutOfAsync(
        string from, string to, string name, BackupCipher? cipher, CancellationToken cancellation)
    {
        await using var source = File.OpenRead(from);
        return await WriteAsync(source, to, name, OutOf(name, cipher), FileMode.Create, cancellation);
    }

    /// <summary>Likewise into memory.</summary>
    public static async Task<byte[]> OutOfAsync(string from, string name, BackupCipher? cipher, CancellationToken cancellation)
    {
        await using var source = File.OpenRead(from);
        using var target = new MemoryStream();
        await PassAsync(source, target, name, OutOf(name, cipher), cancellation);
        return target.ToArray();
    }

    public static async Task<BackupFile> HashAsync(string path, string name, BackupCipher? cipher, CancellationToken cancellation)
    {
        await using var source = File.OpenRead(path);
        return await PassAsync(source, Stream.Null, name, OutOf(name, cipher), cancellation);
    }

    /// <exception cref="BackupException">The name leads out of the folder.</exception>
    public static string PathIn(string root, string name)
    {
        var path = Path.GetFullPath(Path.Combine(root, name));
        return path.StartsWith(Path.GetFullPath(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new BackupException("The backup names a file outside of itself.");
    }

    static async Task<BackupFile> WriteAsync(
        Stream source, string to, string name, Passage passage, FileMode mode, CancellationToken cancellation)
    {
        PrivateFiles.CreateFolder(Path.GetDirectoryName(to)!);
        await using var target = new FileStream(to, PrivateFiles.Writing(mode));
        var written = await PassAsync(source, target, name, passage, cancellation);
        // Who writes it may go on while the disk takes the copy.
        await source.DisposeAsync();
        target.Flush(flushToDisk: true);
        return written;
    }

    static async Task<BackupFile> PassAsync(Stream from, Stream to, string name, Passage passage, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bytes = await passage(from, to, hash, cancellation);
        return new(name, bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    // The file of spilled audit entries is locked while one is written.
    static async Task<FileStream> OpenAsync(string path, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            }
            catch (IOException e) when (attempt < OpenAttempts && e is not (FileNotFoundException or DirectoryNotFoundException))
            {
                await Task.Delay(OpenWait, cancellation);
            }
        }
    }

    static Passage Into(string name, BackupCipher? cipher) => cipher switch
    {
        null => CopyAsync,
        _ => (from, to, hash, cancellation) => cipher.EncryptAsync(from, to, name, hash, cancellation),
    };

    static Passage OutOf(string name, BackupCipher? cipher) => cipher switch
    {
        null => CopyAsync,
        _ => (from, to, hash, cancellation) => cipher.DecryptAsync(from, to, name, hash, cancellation),
    };

    static async Task<long> CopyAsync(Stream from, Stream to, IncrementalHash hash, CancellationToken cancellation)
    {
        var buffer = new byte[BufferBytes];
        long bytes = 0;
        for (int read; (read = await from.ReadAsync(buffer, cancellation)) > 0; bytes += read)
        {
            hash.AppendData(buffer, 0, read);
            await to.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }

        return bytes;
    }
}

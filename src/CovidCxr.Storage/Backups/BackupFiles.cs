using System.Security.Cryptography;

namespace CovidCxr.Storage.Backups;

/// <summary>Copies that nobody else may read, hashed on the way and on the disk when they are done.</summary>
static class BackupFiles
{
    const int BufferBytes = 1 << 17;

    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <returns>What was copied, as it is without encryption.</returns>
    public static Task<BackupFile> CopyAsync(string from, string to, string name, CancellationToken cancellation) =>
        WriteAsync(from, to, name, CopyAsync, cancellation);

    /// <inheritdoc cref="CopyAsync(string, string, string, CancellationToken)"/>
    public static Task<BackupFile> EncryptAsync(
        string from, string to, string name, BackupCipher cipher, CancellationToken cancellation) =>
        WriteAsync(from, to, name, (source, target, hash, c) => cipher.EncryptAsync(source, target, name, hash, c), cancellation);

    /// <inheritdoc cref="CopyAsync(string, string, string, CancellationToken)"/>
    public static Task<BackupFile> DecryptAsync(
        string from, string to, string name, BackupCipher cipher, CancellationToken cancellation) =>
        WriteAsync(from, to, name, (source, target, hash, c) => cipher.DecryptAsync(source, target, name, hash, c), cancellation);

    /// <param name="cipher">Null where the file is as it was.</param>
    public static async Task<BackupFile> HashAsync(string path, string name, BackupCipher? cipher, CancellationToken cancellation)
    {
        await using var file = File.OpenRead(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bytes = await (cipher is null
            ? CopyAsync(file, Stream.Null, hash, cancellation)
            : cipher.DecryptAsync(file, Stream.Null, name, hash, cancellation));
        return new(name, bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    static async Task<BackupFile> WriteAsync(
        string from, string to, string name, Func<Stream, Stream, IncrementalHash, CancellationToken, Task<long>> write,
        CancellationToken cancellation)
    {
        CreateFolder(Path.GetDirectoryName(to)!);
        await using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var target = new FileStream(to, options);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bytes = await write(source, target, hash, cancellation);
        target.Flush(flushToDisk: true);
        return new(name, bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

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

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CovidCxr.Storage.Backups;

/// <summary>
/// Encrypts the files of a backup: AES-256-GCM in pieces, each bound to its file's name, its place in it and whether it is the last. A file
/// has a key of its own, derived (HKDF, RFC 5869) from the backup key and 32 random bytes at its beginning.
/// </summary>
public sealed class BackupCipher
{
    const int KeyBytes = 32, Salt = 32, Piece = 1 << 16, Tag = 16, Nonce = 12;

    static readonly byte[] Mark = "CovidCxr backup 1\n"u8.ToArray();

    readonly byte[] _key;

    BackupCipher(byte[] key) => _key = key;

    /// <param name="path">Of a file with 64 hexadecimal digits; empty for none.</param>
    /// <returns>Null where none is named.</returns>
    /// <exception cref="BackupException">It cannot be read.</exception>
    public static BackupCipher? Of(string path)
    {
        if (path.Length == 0)
        {
            return null;
        }

        try
        {
            var key = Convert.FromHexString(File.ReadAllText(path).Trim());
            return key.Length == KeyBytes ? new(key) : throw new FormatException();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BackupException($"The backup key {path} cannot be read.", e);
        }
        catch (FormatException e)
        {
            throw new BackupException(
                $"The backup key {path} is none: it must hold 64 hexadecimal digits, as `openssl rand -hex 32` writes them.", e);
        }
    }

    /// <summary>Whether a file begins as an encrypted one.</summary>
    public static bool IsEncrypted(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> mark = stackalloc byte[Mark.Length];
        return file.ReadAtLeast(mark, mark.Length, throwOnEndOfStream: false) == mark.Length && mark.SequenceEqual(Mark);
    }

    /// <param name="hash">Of what is encrypted.</param>
    /// <returns>How many bytes.</returns>
    public async Task<long> EncryptAsync(Stream from, Stream to, string name, IncrementalHash hash, CancellationToken cancellation)
    {
        var salt = RandomNumberGenerator.GetBytes(Salt);
        await to.WriteAsync(Mark, cancellation);
        await to.WriteAsync(salt, cancellation);
        using var gcm = new AesGcm(KeyOf(salt), Tag);
        var (plain, closed) = (new byte[Piece], new byte[Piece + Tag]);
        for (long number = 0; ; number++)
        {
            var read = await from.ReadAtLeastAsync(plain, Piece, throwOnEndOfStream: false, cancellation);
            var isLast = read < Piece;
            hash.AppendData(plain, 0, read);
            gcm.Encrypt(
                NonceOf(number), plain.AsSpan(0, read), closed.AsSpan(0, read), closed.AsSpan(read, Tag), About(name, isLast));
            await to.WriteAsync(closed.AsMemory(0, read + Tag), cancellation);
            if (isLast)
            {
                return (number * Piece) + read;
            }
        }
    }

    /// <param name="hash">Of what comes out.</param>
    /// <returns>How many bytes.</returns>
    /// <exception cref="BackupException">Another key, or a damaged file.</exception>
    public async Task<long> DecryptAsync(Stream from, Stream to, string name, IncrementalHash hash, CancellationToken cancellation)
    {
        var head = new byte[Mark.Length + Salt];
        var (plain, closed) = (new byte[Piece], new byte[Piece + Tag]);
        try
        {
            await from.ReadExactlyAsync(head, cancellation);
            using var gcm = new AesGcm(KeyOf(head[Mark.Length..]), Tag);
            for (long number = 0; ; number++)
            {
                var read = await from.ReadAtLeastAsync(closed, closed.Length, throwOnEndOfStream: false, cancellation) - Tag;
                var isLast = read < Piece;
                if (read < 0)
                {
                    throw new CryptographicException();
                }

                gcm.Decrypt(
                    NonceOf(number), closed.AsSpan(0, read), closed.AsSpan(read, Tag), plain.AsSpan(0, read), About(name, isLast));
                hash.AppendData(plain, 0, read);
                await to.WriteAsync(plain.AsMemory(0, read), cancellation);
                if (isLast)
                {
                    return (number * Piece) + read;
                }
            }
        }
        catch (Exception e) when (e is CryptographicException or EndOfStreamException)
        {
            throw new BackupException($"{name} of the backup does not open: it was made with another key, or it is damaged.", e);
        }
    }

    byte[] KeyOf(byte[] salt) => HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, KeyBytes, salt);

    static byte[] NonceOf(long number)
    {
        var nonce = new byte[Nonce];
        BinaryPrimitives.WriteInt64LittleEndian(nonce, number);
        return nonce;
    }

    static byte[] About(string name, bool isLast) => [isLast ? (byte)1 : (byte)0, .. Encoding.UTF8.GetBytes(name)];
}

using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CovidCxr.Storage.Files;

namespace CovidCxr.Clinic.References;

/// <summary>
/// What stands for a patient in a data set: HMAC-SHA-256 of the number under a secret that this installation alone has. The same patient
/// has the same pseudonym in every import; without the secret nobody finds the number by trying all numbers.
/// </summary>
public sealed class Pseudonyms(DataFolder folder)
{
    const int SecretBytes = 32, Digits = 16;

    // What cannot be read now is asked for again.
    readonly Lazy<byte[]> _secret = new(
        () => ReadOrMake(Path.Combine(folder.Keys, "pseudonyms.key")), LazyThreadSafetyMode.PublicationOnly);

    /// <param name="prefix">What kind of thing it stands for.</param>
    public string Of(string prefix, string number) => prefix + Convert.ToHexStringLower(Hash(prefix, number))[..Digits];

    /// <summary>A DICOM UID in the place of another one, or of what else tells the thing from others (PS3.5, B.2).</summary>
    public string UidOf(string prefix, string number) => string.Create(
        CultureInfo.InvariantCulture, $"2.25.{new UInt128(Word(prefix, number, 0), Word(prefix, number, 8))}");

    /// <summary>A number of 1 to most that stands with the number, such as the days that all dates of a patient are moved by.</summary>
    public int NumberOf(string prefix, string number, int most) => 1 + (int)(Word(prefix, number, 0) % (ulong)most);

    ulong Word(string prefix, string number, int at) => BinaryPrimitives.ReadUInt64BigEndian(Hash(prefix, number).AsSpan(at));

    byte[] Hash(string prefix, string number) => HMACSHA256.HashData(_secret.Value, Encoding.UTF8.GetBytes($"{prefix}:{number}"));

    static byte[] ReadOrMake(string path)
    {
        if (!File.Exists(path))
        {
            PrivateFiles.CreateFolder(Path.GetDirectoryName(path)!);
            var made = $"{path}.{Guid.NewGuid():N}";
            using (var stream = new FileStream(made, PrivateFiles.Writing(FileMode.CreateNew)))
            {
                stream.Write(RandomNumberGenerator.GetBytes(SecretBytes));
                stream.Flush(flushToDisk: true);
            }

            try
            {
                // The first of several programs makes it, and nobody finds half of it.
                File.Move(made, path);
            }
            catch (IOException) when (File.Exists(path))
            {
                File.Delete(made);
            }
        }

        return File.ReadAllBytes(path) is { Length: SecretBytes } bytes
            ? bytes
            : throw new InvalidDataException("The secret of the pseudonyms is damaged: restore keys/pseudonyms.key from a backup.");
    }
}

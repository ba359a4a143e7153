using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CovidCxr.Storage;

/// <summary>The certificates that keys are encrypted for where they lie, read from PKCS #12 files as options name them.</summary>
public static class KeyCertificates
{
    /// <summary>The one that new keys are encrypted for; null where none is named.</summary>
    /// <exception cref="CryptographicException">The file cannot be read; the message says which and why.</exception>
    public static X509Certificate2? Current(StorageOptions options) =>
        options.KeyCertificate.Length == 0 ? null : Load(options.KeyCertificate, options.KeyCertificatePassword);

    /// <summary>Those from before, which older keys still need.</summary>
    /// <exception cref="CryptographicException">As above.</exception>
    public static X509Certificate2[] Earlier(StorageOptions options) =>
        [.. Paths(options).Select(path => Load(path, options.KeyCertificatePassword))];

    internal static IEnumerable<string> Paths(StorageOptions options) =>
        options.EarlierKeyCertificates.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    static X509Certificate2 Load(string path, string passwordFile)
    {
        X509Certificate2 certificate;
        try
        {
            var password = passwordFile.Length == 0 ? null : File.ReadAllText(passwordFile).TrimEnd('\r', '\n');
            certificate = X509CertificateLoader.LoadPkcs12FromFile(path, password);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CryptographicException($"The certificate {path} or the file of its password cannot be read.", e);
        }
        catch (CryptographicException e)
        {
            throw new CryptographicException(
                File.Exists(path) ? $"The certificate {path} does not open with its password." : $"There is no certificate {path}.", e);
        }

        using var key = certificate.GetRSAPrivateKey();
        return key is not null ? certificate : throw new CryptographicException($"The certificate {path} has no private RSA key.");
    }
}

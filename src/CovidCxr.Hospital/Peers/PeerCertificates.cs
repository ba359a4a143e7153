using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CovidCxr.Hospital.Peers;

/// <summary>The certificates of a peer's options, in PEM files; an empty path names none.</summary>
static class PeerCertificates
{
    /// <exception cref="CryptographicException">The file holds no certificate with its key, or that one is encrypted.</exception>
    /// <exception cref="IOException">The file is not there.</exception>
    public static X509Certificate2? Load(string path) => path.Length == 0 ? null : X509Certificate2.CreateFromPemFile(path);

    /// <summary>A way to trust nobody but this authority; null for whom the machine trusts.</summary>
    /// <exception cref="CryptographicException">The file holds no certificate.</exception>
    /// <exception cref="IOException">The file is not there.</exception>
    public static X509ChainPolicy? Trust(string authority)
    {
        if (authority.Length == 0)
        {
            return null;
        }

        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            // An authority of the hospital's own seldom says what it has revoked.
            RevocationMode = X509RevocationMode.NoCheck,
            // A stranger's certificate may name an address to fetch its authority from: nothing is fetched for strangers.
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.ImportFromPemFile(authority);
        return policy.CustomTrustStore.Count > 0 ? policy : throw new CryptographicException("The file holds no certificate.");
    }

    public static bool IsNoneOrCertificate(string path) => CanBeRead(() =>
    {
        using var certificate = Load(path);
    });

    public static bool IsNoneOrAuthority(string path) => CanBeRead(() => Trust(path));

    public static bool CanBeRead(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }
}

using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CovidCxr.Hospital.Peers;

/// <summary>How both sides of a TLS connection prove who they are. The files are read for each connection: they may be renewed.</summary>
static class DicomTls
{
    const SslProtocols Versions = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Whoever connects has to show a certificate of the authority.</summary>
    /// <exception cref="CryptographicException">A file holds no certificate, or not its key.</exception>
    /// <exception cref="IOException">A file is not there.</exception>
    public static SslServerAuthenticationOptions ToAccept(HospitalOptions options) => new()
    {
        EnabledSslProtocols = Versions,
        ServerCertificateContext = Own(options),
        ClientCertificateRequired = true,
        CertificateChainPolicy = PeerCertificates.Trust(options.CertificateAuthority),
    };

    /// <summary>The peer has to show a certificate for its host, of the authority or else of one that the machine trusts.</summary>
    /// <exception cref="CryptographicException">As above.</exception>
    /// <exception cref="IOException">As above.</exception>
    public static SslClientAuthenticationOptions ToConnect(HospitalOptions options, string host) => new()
    {
        EnabledSslProtocols = Versions,
        TargetHost = host,
        ClientCertificateContext = options.Certificate.Length > 0 ? Own(options) : null,
        CertificateChainPolicy = PeerCertificates.Trust(options.CertificateAuthority),
    };

    internal static IEnumerable<(bool IsRight, string Rule)> RulesOf(HospitalOptions options) =>
    [
        (
            options.TlsPort is >= 0 and <= 65535 && (options.TlsPort == 0 || options.TlsPort != options.Port),
            "Hospital:TlsPort must be 0 to 65535, and another one than Hospital:Port."),
        (
            options.TlsPort == 0 || (options.Certificate.Length > 0 && options.CertificateAuthority.Length > 0),
            "Hospital:Certificate and Hospital:CertificateAuthority must be set where Hospital:TlsPort is."),
        (
            options.Certificate.Length == 0 || PeerCertificates.CanBeRead(() => Own(options)),
            "Hospital:Certificate must be a PEM file with a certificate and its key, not encrypted."),
        (
            PeerCertificates.IsNoneOrAuthority(options.CertificateAuthority),
            "Hospital:CertificateAuthority must be a PEM file with certificates."),
    ];

    // The first certificate is the program's own, and those that follow lead to the authority.
    static SslStreamCertificateContext Own(HospitalOptions options)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(options.Certificate);
        return SslStreamCertificateContext.Create(
            X509Certificate2.CreateFromPemFile(options.Certificate), [.. chain.Skip(1)], offline: true);
    }
}

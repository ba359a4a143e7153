using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CovidCxr.Hospital.Tests;

/// <summary>An authority of a hospital, and certificates of it as files that dcmtk's programs and this one read.</summary>
sealed class TestCertificates : IDisposable
{
    readonly string _folder;
    readonly RSA _key = RSA.Create(2048);
    readonly X509Certificate2 _authority;
    int _serial;

    /// <param name="folder">Where the files are put.</param>
    /// <param name="name">Of the authority; another one in the same folder needs another name.</param>
    public TestCertificates(string folder, string name)
    {
        _folder = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _authority = request.CreateSelfSigned(From, To);
        Authority = Write("authority", _authority.ExportCertificatePem());
    }

    static DateTimeOffset From => TimeProvider.System.GetUtcNow().AddDays(-1);

    static DateTimeOffset To => TimeProvider.System.GetUtcNow().AddDays(2);

    /// <summary>The authority's certificate.</summary>
    public string Authority { get; }

    /// <summary>The file of a new certificate and its key.</summary>
    public string Issue(string name, IPAddress? address = null)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(address ?? IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(_authority, From.AddHours(1), To.AddHours(-1), [1, (byte)++_serial]);
        return Write(name, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>What a program of dcmtk is told, as a server or as a client.</summary>
    public string[] ForDcmtk(string certificate) => ["+tls", certificate, certificate, "+cf", Authority];

    string Write(string name, string pem)
    {
        var path = Path.Combine(_folder, name + ".pem");
        File.WriteAllText(path, pem + "\n");
        return path;
    }

    public void Dispose()
    {
        _authority.Dispose();
        _key.Dispose();
    }
}

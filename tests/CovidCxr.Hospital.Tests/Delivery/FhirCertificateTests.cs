using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CovidCxr.Domain.Hospital;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Hospital.Tests.Delivery;

/// <summary>A FHIR server behind https that lets in whoever shows the right certificate. It is trusted in one process alone.</summary>
[Trait("Speed", "Slow")]
public sealed class FhirCertificateTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    static string Pem(X509Certificate2 certificate) =>
        certificate.ExportCertificatePem() + "\n" + certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem() + "\n";

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    public async Task Https_WantsATrustedServer_AndShowsTheCertificate(bool isTrusted, bool isKnown, bool isDelivered)
    {
        using var server = NewCertificate();
        using var ours = NewCertificate();
        using var another = NewCertificate();
        await using var peer = await FhirPeer.StartAsync(new()
        {
            ServerCertificate = server,
            ClientCertificateMode = ClientCertificateMode.RequireCertificate,
            ClientCertificateValidation = (shown, _, _) => shown.Thumbprint == (isKnown ? ours : another).Thumbprint,
        });
        await using var hospital = await FhirDeliveryTests.NewAsync(peer);
        var (certificate, trusted) = (hospital.Write("client.pem", []), hospital.Write("trusted.pem", []));
        await File.WriteAllTextAsync(certificate, Pem(ours), Cancellation);
        await File.WriteAllTextAsync(trusted, (isTrusted ? server : another).ExportCertificatePem(), Cancellation);

        using var worker = await SendingWorker.StartAsync(
            hospital.Clinic.Folder.Data.Root, peer.Destination(("ClientCertificate", certificate)), ("SSL_CERT_FILE", trusted),
            ("SSL_CERT_DIR", Directory.CreateDirectory(Path.Combine(hospital.Clinic.Folder.Data.Root, "none")).FullName));

        await using var db = hospital.Clinic.Context();
        await TestHospital.WaitAsync(() => db.OutgoingResults.AnyAsync(r => r.SettledAt != null || r.Reason != null, Cancellation));
        var row = await db.OutgoingResults.SingleAsync(Cancellation);
        Assert.Equal(isDelivered, row.State == DeliveryState.Delivered);
        Assert.Equal(isDelivered ? 1 : 0, peer.Reports.Count());
        if (!isTrusted)
        {
            Assert.Contains("cannot be secured", row.Reason, StringComparison.Ordinal);
        }
    }
}

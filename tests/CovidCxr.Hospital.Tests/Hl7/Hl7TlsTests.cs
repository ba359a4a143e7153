using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using CovidCxr.Hospital.Hl7;
using CovidCxr.Hospital.Tests.Delivery;
using CovidCxr.Testing;

namespace CovidCxr.Hospital.Tests.Hl7;

/// <summary>Messages by TLS, from senders with the right certificate, another one, and none.</summary>
[Trait("Speed", "Slow")]
public sealed class Hl7TlsTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static string Pem(X509Certificate2 certificate) =>
        certificate.ExportCertificatePem() + "\n" + certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem() + "\n";

    [Theory]
    [InlineData("right", true)]
    [InlineData("another", false)]
    [InlineData("none", false)]
    [InlineData("plain", false)]
    public async Task Sender_HasToShowACertificateOfTheAuthority(string kind, bool isServed)
    {
        using var server = Hl7DeliveryTests.NewCertificate();
        using var known = Hl7DeliveryTests.NewCertificate();
        using var another = Hl7DeliveryTests.NewCertificate();
        using var folder = new TestFolder();
        var (own, authority) = (Path.Combine(folder.Data.Root, "own.pem"), Path.Combine(folder.Data.Root, "authority.pem"));
        await File.WriteAllTextAsync(own, Pem(server), Cancellation);
        await File.WriteAllTextAsync(authority, known.ExportCertificatePem(), Cancellation);
        var port = FreePort.Find();
        await using var hospital = new TestHospital(Adt.Settings(port, ("Certificate", own), ("CertificateAuthority", authority)));
        var receiver = hospital.Clinic.Get<Hl7Receiver>();
        await receiver.StartAsync(Cancellation);
        await TestHospital.WaitAsync(() => Task.FromResult(hospital.Clinic.Get<MessageReceiverState>().IsListening));

        var shown = kind switch { "right" => known, "another" => another, _ => null };
        Assert.Equal(isServed, await IsServedAsync(port, server, kind != "plain", shown));

        await receiver.StopAsync(CancellationToken.None);
    }

    static async Task<bool> IsServedAsync(int port, X509Certificate2 server, bool isSecured, X509Certificate2? shown)
    {
        using var client = await Adt.ConnectAsync(port);
        Stream stream = client.GetStream();
        try
        {
            if (isSecured)
            {
                var secured = new SslStream(stream, leaveInnerStreamOpen: false, (_, own, _, _) => server.Equals(own));
                await secured.AuthenticateAsClientAsync(
                    new SslClientAuthenticationOptions
                    {
                        TargetHost = "127.0.0.1",
                        ClientCertificates = shown is null ? null : new X509Certificate2Collection(shown),
                    },
                    Cancellation);
                stream = secured;
            }

            await stream.WriteAsync(Adt.Frame(Adt.Update("t1", "P-NOBODY")), Cancellation);
            return Adt.Words(await new MllpConnection(stream).ReadAsync(TimeSpan.FromSeconds(30), null, Cancellation)) == "AA";
        }
        catch (Exception e) when (e is IOException or AuthenticationException or InvalidDataException)
        {
            return false;
        }
    }
}

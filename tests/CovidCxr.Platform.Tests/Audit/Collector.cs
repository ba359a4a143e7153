using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace CovidCxr.Platform.Tests.Audit;

/// <summary>A syslog collector of the tests' own, which takes messages by their length (RFC 6587) and keeps them.</summary>
sealed class Collector : IDisposable
{
    readonly TcpListener _listener;
    readonly X509Certificate2? _certificate;
    readonly ConcurrentBag<TcpClient> _clients = [];
    readonly ConcurrentQueue<string> _messages = new();

    public Collector(int port = 0, X509Certificate2? certificate = null)
    {
        _certificate = certificate;
        _listener = new(IPAddress.Loopback, port);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public IReadOnlyList<string> Messages => [.. _messages];

    /// <summary>Leaves each connection at once after so many bytes, as a collector does that is restarted.</summary>
    public int? BreaksAfter { get; set; }

    public async Task<IReadOnlyList<string>> WaitAsync(int count, CancellationToken cancellation)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(TimeSpan.FromSeconds(20));
        while (_messages.Count < count)
        {
            await Task.Delay(10, late.Token);
        }

        return Messages;
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ReadAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    async Task ReadAsync(TcpClient client)
    {
        _clients.Add(client);
        try
        {
            using var _ = client;
            Stream stream = client.GetStream();
            if (_certificate is not null)
            {
                var encrypted = new SslStream(stream);
                await encrypted.AuthenticateAsServerAsync(_certificate);
                stream = encrypted;
            }

            for (var read = 0; BreaksAfter is not { } limit || read < limit;)
            {
                var length = new StringBuilder();
                var one = new byte[1];
                while (await stream.ReadAsync(one) == 1 && one[0] != ' ')
                {
                    length.Append((char)one[0]);
                }

                if (length.Length == 0)
                {
                    return;
                }

                var message = new byte[int.Parse(length.ToString(), NumberStyles.None, CultureInfo.InvariantCulture)];
                await stream.ReadExactlyAsync(message);
                _messages.Enqueue(Encoding.UTF8.GetString(message));
                read += message.Length;
            }

            client.Client.Close(0);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException
            or System.Security.Authentication.AuthenticationException)
        {
            // The other side has gone.
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (var client in _clients)
        {
            client.Dispose();
        }
    }

    /// <summary>An authority, and a certificate for "localhost" that it signed.</summary>
    public static (X509Certificate2 Authority, X509Certificate2 Certificate) Certify()
    {
        var now = TimeProvider.System.GetUtcNow();
        var (from, to) = (now.AddDays(-1), now.AddDays(2));
        using var authorityKey = RSA.Create(2048);
        var authority = new CertificateRequest("CN=Authority", authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var signed = authority.CreateSelfSigned(from, to);
        using var certificate = request.Create(signed, from, to, [1, 2, 3, 4]).CopyWithPrivateKey(key);
        return (
            X509CertificateLoader.LoadCertificate(signed.Export(X509ContentType.Cert)),
            X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable));
    }
}

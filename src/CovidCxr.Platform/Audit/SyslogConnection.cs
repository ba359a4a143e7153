using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace CovidCxr.Platform.Audit;

/// <summary>A way to the collector: messages with their length before each (RFC 5425, RFC 6587), or one in a datagram (RFC 5426).</summary>
sealed class SyslogConnection : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly Socket _socket;
    readonly Stream? _stream;
    readonly Task _ending;

    SyslogConnection(Socket socket, Stream? stream)
    {
        (_socket, _stream) = (socket, stream);
        // The collector says nothing; that its side ends is seen at once, not at the second message after.
        _ending = stream?.CopyToAsync(Stream.Null) ?? new TaskCompletionSource().Task;
        _ending.ContinueWith(t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    public bool IsOpen => !_ending.IsCompleted;

    /// <exception cref="IOException">Nobody answers there.</exception>
    /// <exception cref="SocketException">Likewise.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">Another one answers.</exception>
    public static async Task<SyslogConnection> OpenAsync(SyslogOptions options, CancellationToken cancellation)
    {
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        soon.CancelAfter(Patience);
        var isUdp = options.Transport == SyslogTransport.Udp;
        var socket = isUdp ? new Socket(SocketType.Dgram, ProtocolType.Udp) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (!isUdp && OperatingSystem.IsLinux())
            {
                // TCP_USER_TIMEOUT: what nobody has acknowledged after this long breaks the connection, so that it is sent again.
                socket.SetRawSocketOption(6, 18, BitConverter.GetBytes((int)Patience.TotalMilliseconds));
            }

            await socket.ConnectAsync(options.Host, options.Port, soon.Token);
            return new(socket, options.Transport switch
            {
                SyslogTransport.Udp => null,
                SyslogTransport.Tcp => new NetworkStream(socket),
                _ => await EncryptAsync(socket, options, soon.Token),
            });
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (e is OperationCanceledException && !cancellation.IsCancellationRequested)
            {
                throw new IOException("The collector does not answer.");
            }

            throw;
        }
    }

    static async Task<Stream> EncryptAsync(Socket socket, SyslogOptions options, CancellationToken cancellation)
    {
        var stream = new SslStream(new NetworkStream(socket));
        var authentication = new SslClientAuthenticationOptions { TargetHost = options.Host };
        if (options.CertificateAuthority.Length > 0)
        {
            authentication.CertificateChainPolicy = new()
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                // An authority of the hospital's own seldom says what it has revoked.
                RevocationMode = X509RevocationMode.NoCheck,
            };
            authentication.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(options.CertificateAuthority);
        }

        await stream.AuthenticateAsClientAsync(authentication, cancellation);
        return stream;
    }

    public async Task SendAsync(IReadOnlyList<string> messages, CancellationToken cancellation)
    {
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        soon.CancelAfter(Patience);
        using var frames = new MemoryStream();
        foreach (var message in messages)
        {
            var bytes = Encoding.UTF8.GetBytes(message);
            if (_stream is null)
            {
                await _socket.SendAsync(bytes, soon.Token);
                continue;
            }

            frames.Write(Encoding.ASCII.GetBytes(bytes.Length.ToString(CultureInfo.InvariantCulture) + " "));
            frames.Write(bytes);
        }

        if (_stream is not null)
        {
            await _stream.WriteAsync(frames.GetBuffer().AsMemory(0, (int)frames.Length), soon.Token);
            await _stream.FlushAsync(soon.Token);
        }
    }

    public void Dispose()
    {
        _stream?.Dispose();
        _socket.Dispose();
    }
}

using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;

namespace CovidCxr.Hospital.Peers;

/// <summary>
/// A connection by TLS to a peer, for one of dcmtk's programs that speaks in the clear: it connects, once, to a port of this machine.
/// </summary>
sealed class TlsTunnel : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly TcpClient _peer;
    readonly SslStream _stream;
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _end = new();
    readonly Task _running;

    TlsTunnel(TcpClient peer, SslStream stream)
    {
        (_peer, _stream) = (peer, stream);
        _listener.Start(1);
        _running = RunAsync();
    }

    /// <summary>Where the program has to connect to, on 127.0.0.1.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <returns>The tunnel, or why there is none, in words.</returns>
    public static async Task<(TlsTunnel? Tunnel, string? Fault)> OpenAsync(
        string host, int port, HospitalOptions options, CancellationToken cancellation)
    {
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        soon.CancelAfter(Patience);
        var peer = new TcpClient { NoDelay = true };
        SslStream? stream = null;
        try
        {
            var authentication = DicomTls.ToConnect(options, host);
            await peer.ConnectAsync(host, port, soon.Token);
            stream = new(peer.GetStream());
            await stream.AuthenticateAsClientAsync(authentication, soon.Token);
            return (new(peer, stream), null);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException or CryptographicException
            or UnauthorizedAccessException or OperationCanceledException)
        {
            if (stream is not null)
            {
                await stream.DisposeAsync();
            }

            peer.Dispose();
            cancellation.ThrowIfCancellationRequested();
            return (null, Words(e, host, port));
        }
    }

    static string Words(Exception error, string host, int port) => error switch
    {
        SocketException unreachable => Unreachable.Words(unreachable.SocketErrorCode, host, port),
        OperationCanceledException => $"It did not answer by TLS within {Patience.TotalSeconds:F0} seconds.",
        CryptographicException or UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException =>
            "The certificates of Hospital:Certificate or Hospital:CertificateAuthority cannot be read.",
        AuthenticationException => "The connection cannot be secured: its certificate is not trusted here, or it does not speak TLS 1.2.",
        _ => "It ended the connection while it was being secured: it may not speak TLS, or not trust our certificate.",
    };

    async Task RunAsync()
    {
        try
        {
            using var program = await _listener.AcceptTcpClientAsync(_end.Token);
            program.NoDelay = true;
            var local = program.GetStream();
            await Task.WhenAll(
                CopyAsync(local, _stream, () => _stream.ShutdownAsync()),
                CopyAsync(_stream, local, () =>
                {
                    program.Client.Shutdown(SocketShutdown.Send);
                    return Task.CompletedTask;
                }));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The program has ended, or never connected.
        }
    }

    // What one side has said last still reaches the other.
    async Task CopyAsync(Stream from, Stream to, Func<Task> close)
    {
        try
        {
            await from.CopyToAsync(to, _end.Token);
            await close();
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidOperationException)
        {
            // A side that is gone takes the other with it.
            await _end.CancelAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        await _stream.DisposeAsync();
        _peer.Dispose();
        _listener.Dispose();
        _end.Dispose();
    }
}

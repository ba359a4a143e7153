using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CovidCxr.Hospital.Peers;

namespace CovidCxr.Hospital.Hl7;

/// <param name="Answer">Null where none came.</param>
/// <param name="Failure">Why there is none, in words; null where there is one.</param>
/// <param name="MayHaveArrived">False only where the message certainly did not reach the receiver.</param>
/// <param name="WasAnswered">Something came, and cannot be read: sent again, it would come again.</param>
readonly record struct MllpAnswer(
    Hl7Message? Answer, string? Failure = null, bool MayHaveArrived = true, bool WasAnswered = false);

/// <summary>Sends one message by a connection of its own, and waits for its answer.</summary>
sealed class MllpClient
{
    static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>From the message's last byte to the answer's last one.</summary>
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <param name="isAnswer">Whether a message is the answer that is waited for; others are passed over.</param>
    public async Task<MllpAnswer> SendAsync(
        DestinationOptions destination, byte[] message, Func<Hl7Message, bool> isAnswer, CancellationToken cancellation)
    {
        using var socket = new TcpClient { NoDelay = true };
        Stream stream;
        try
        {
            using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            soon.CancelAfter(ConnectTimeout);
            await socket.ConnectAsync(destination.Host, destination.Port, soon.Token);
            stream = destination.Tls ? await EncryptAsync(socket.GetStream(), destination, soon.Token) : socket.GetStream();
        }
        catch (Exception e) when (Failed(e, destination) is { } words && !cancellation.IsCancellationRequested)
        {
            return new(null, words, MayHaveArrived: false);
        }

        await using (stream)
        {
            return await AskAsync(stream, message, isAnswer, cancellation);
        }
    }

    async Task<MllpAnswer> AskAsync(Stream stream, byte[] message, Func<Hl7Message, bool> isAnswer, CancellationToken cancellation)
    {
        var connection = new MllpConnection(stream);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(AnswerTimeout);
        try
        {
            await connection.WriteAsync(message, deadline.Token);
            while (await connection.ReadAsync(AnswerTimeout, null, deadline.Token) is { } bytes)
            {
                if (Hl7Message.Read(bytes).Message is not { } answer)
                {
                    return new(null, "What it answered is no message that can be read.", WasAnswered: true);
                }

                if (isAnswer(answer))
                {
                    return new(answer);
                }
            }

            return new(null, "It ended the connection without an answer.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new(null, "It did not answer in time.");
        }
        catch (InvalidDataException)
        {
            return new(null, "What it answered is not MLLP.", WasAnswered: true);
        }
        catch (IOException)
        {
            return new(null, "The connection broke before it answered.");
        }
    }

    static async Task<Stream> EncryptAsync(Stream plain, DestinationOptions destination, CancellationToken cancellation)
    {
        var stream = new SslStream(plain);
        try
        {
            var authentication = new SslClientAuthenticationOptions
            {
                TargetHost = destination.Host,
                CertificateChainPolicy = PeerCertificates.Trust(destination.CertificateAuthority),
            };
            if (PeerCertificates.Load(destination.ClientCertificate) is { } certificate)
            {
                authentication.ClientCertificates = new X509Certificate2Collection(certificate);
            }

            await stream.AuthenticateAsClientAsync(authentication, cancellation);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    static string? Failed(Exception e, DestinationOptions destination) => e switch
    {
        SocketException unreachable => Unreachable.Words(unreachable.SocketErrorCode, destination.Host, destination.Port),
        AuthenticationException or CryptographicException or UnauthorizedAccessException or FileNotFoundException
            or DirectoryNotFoundException =>
            $"The connection to {destination.Host} cannot be secured: look at its certificate, or at ours.",
        OperationCanceledException => "It did not answer in time.",
        IOException => "It ended the connection at once.",
        _ => null,
    };
}

using System.Data.Common;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CovidCxr.Hospital.Inbox;
using CovidCxr.Hospital.Peers;
using CovidCxr.Platform.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CovidCxr.Hospital.Hl7;

/// <summary>
/// Listens for messages about patients, by MLLP. A sender's connection may stay as long as it likes; when all places are taken, the one
/// that has been silent the longest makes room.
/// </summary>
sealed class Hl7Receiver(
    IOptions<HospitalOptions> options, TakeMessage take, MessageReceiverState state, OneAtWork turns, TimeProvider time,
    ILogger<Hl7Receiver> logger)
    : PeerReceiver("receiver of messages", state, turns, logger)
{
    /// <summary>A hospital has fewer senders.</summary>
    public const int MaxConnections = 32;

    static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    readonly Hl7Places _places = new(MaxConnections);

    /// <summary>For a whole message, from its first byte on.</summary>
    internal TimeSpan MessageTimeout { get; set; } = TimeSpan.FromSeconds(30);

    protected override bool IsOn => Hl7.Receive;

    Hl7Options Hl7 => options.Value.Hl7;

    protected override async Task<string?> ListenAsync(List<Task> running, CancellationToken stopping)
    {
        try
        {
            using var certificate = PeerCertificates.Load(Hl7.Certificate);
            using var listener = TcpListener.Create(Hl7.Port);
            listener.Start();
            State.Listens();
            Logger.LogInformation("Messages are received on port {Port}", Hl7.Port);
            while (true)
            {
                var client = await AcceptAsync(listener, stopping);
                State.Hinders(null);
                running.RemoveAll(t => t.IsCompleted);
                running.Add(Task.Run(() => ServeAsync(client, certificate, stopping), CancellationToken.None));
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return null;
        }
        catch (SocketException e)
        {
            return $"port {Hl7.Port} cannot be listened on ({e.SocketErrorCode}).";
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return "the certificate cannot be read.";
        }
    }

    async Task ServeAsync(TcpClient client, X509Certificate2? certificate, CancellationToken stopping)
    {
        try
        {
            using (client)
            {
                var from = AllowList.Plain(((IPEndPoint)client.Client.RemoteEndPoint!).Address);
                if (await GreetAsync(client, from, certificate, stopping) is var (stream, senders))
                {
                    await using (stream)
                    {
                        await ServeAsync(stream, from, senders, stopping);
                    }
                }
            }
        }
        catch (InvalidDataException e)
        {
            Logger.LogWarning("A connection with messages was ended: {Reason}", e.Message);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // One connection is the boundary. What was not acknowledged comes again.
            if (!stopping.IsCancellationRequested)
            {
                Logger.LogWarning("A connection with messages broke off: {Error}", e.GetType().Name);
            }
        }
    }

    /// <returns>With who it may be, by its address, which is asked once: a name server may fail later on. Null for strangers.</returns>
    async Task<(Stream Stream, IReadOnlyList<Hl7SenderOptions> Senders)?> GreetAsync(
        TcpClient client, IPAddress from, X509Certificate2? certificate, CancellationToken stopping)
    {
        try
        {
            using var handshake = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            handshake.CancelAfter(HandshakeTimeout);
            client.NoDelay = true;
            KeepAlive(client.Client);
            var senders = await SendersAsync(from, handshake.Token);
            if (senders.Count == 0)
            {
                Logger.LogWarning("{Host} connected and is not in Hospital:Hl7:Senders", from);
                return null;
            }

            Stream plain = client.GetStream();
            return (certificate is null ? plain : await EncryptAsync(plain, certificate, handshake.Token), senders);
        }
        finally
        {
            EndHandshake();
        }
    }

    // Of a machine that vanished nothing comes any more, not even an end.
    static void KeepAlive(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 5);
    }

    async Task<Stream> EncryptAsync(Stream plain, X509Certificate2 certificate, CancellationToken handshake)
    {
        var stream = new SslStream(plain);
        try
        {
            await stream.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificate = certificate,
                    ClientCertificateRequired = Hl7.CertificateAuthority.Length > 0,
                    CertificateChainPolicy = PeerCertificates.Trust(Hl7.CertificateAuthority),
                },
                handshake);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    async Task<IReadOnlyList<Hl7SenderOptions>> SendersAsync(IPAddress from, CancellationToken cancellation)
    {
        List<Hl7SenderOptions> senders = [];
        foreach (var host in Hl7.Senders.GroupBy(s => s.Host))
        {
            if (await AllowList.IsOfAsync(host.Key, from, cancellation))
            {
                senders.AddRange(host);
            }
        }

        return senders;
    }

    async Task ServeAsync(Stream stream, IPAddress from, IReadOnlyList<Hl7SenderOptions> senders, CancellationToken stopping)
    {
        using var place = _places.Take(stopping);
        if (place is null)
        {
            Logger.LogWarning("{Host} found all {Count} places at work", from, MaxConnections);
            return;
        }

        State.Enter();
        try
        {
            var connection = new MllpConnection(stream);
            while (await connection.ReadAsync(MessageTimeout, place.Begin, place.Ended) is { } bytes)
            {
                if (await AnswerAsync(bytes, from, senders, stopping) is not { } answer)
                {
                    return;
                }

                using var soon = CancellationTokenSource.CreateLinkedTokenSource(stopping);
                soon.CancelAfter(AnswerTimeout);
                await connection.WriteAsync(answer, soon.Token);
                place.Rest();
            }
        }
        finally
        {
            State.Leave();
        }
    }

    /// <returns>Null where nobody can be answered.</returns>
    async Task<byte[]?> AnswerAsync(
        byte[] bytes, IPAddress from, IReadOnlyList<Hl7SenderOptions> senders, CancellationToken stopping)
    {
        var reading = Hl7Message.Read(bytes);
        if (reading.Header is not { } header)
        {
            Logger.LogWarning("{Host} sent what is no message: {Reason}", from, reading.Error!.Words);
            return null;
        }

        var error = await JudgeAsync(reading, header, from, senders, stopping);
        if (error is not null)
        {
            Logger.LogWarning(
                "A message from {Host} was refused ({Code}, {Condition}): {Reason}", from, error.Code, error.Condition, error.Words);
        }

        return Acknowledgement.Make(header, error, time.GetUtcNow());
    }

    async Task<Hl7Error?> JudgeAsync(
        Hl7Reading reading, Hl7Segment header, IPAddress from, IReadOnlyList<Hl7SenderOptions> senders, CancellationToken stopping)
    {
        if (!senders.Any(s => s.Application == header.Text(3) && s.Facility == header.Text(4)))
        {
            return new(
                Hl7Error.Reject, Hl7Error.NotInTable, "Its application and facility are not in Hospital:Hl7:Senders for this host.",
                "MSH^1^3");
        }

        if (reading.Message is null)
        {
            return reading.Error;
        }

        var (message, error) = AdtMessage.Read(reading.Message, Hl7.Authority);
        try
        {
            return error ?? await take.RunAsync(message!, from.ToString(), stopping);
        }
        catch (Exception e) when (e is DbException or DbUpdateException or IOException)
        {
            // Ours, and it passes: the sender is to come again.
            Logger.LogError("A message could not be taken in: {Error}", e.GetType().Name);
            return new(Hl7Error.Reject, Hl7Error.Internal, "This program cannot store it now: send it again.");
        }
    }
}

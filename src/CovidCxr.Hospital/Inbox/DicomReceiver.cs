using System.Data.Common;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using CovidCxr.Hospital.Peers;
using CovidCxr.Platform.Nodes;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CovidCxr.Hospital.Inbox;

/// <summary>
/// Listens in the hospital's network. It looks at whom a peer calls and who it says it is, and hands the association to a storescp of its
/// own: what dcmtk does not check is checked before, and a crash ends one association.
/// </summary>
sealed class DicomReceiver(
    IOptions<HospitalOptions> options, AllowList allowed, ReceivedFiles files, InboxRoom room, ReceiverState state, DataFolder folder,
    OneAtWork turns, TimeProvider time, ILogger<DicomReceiver> logger)
    : PeerReceiver("receiver of films", state, turns, logger)
{
    /// <summary>A department has fewer modalities; the others are told to come again.</summary>
    public const int MaxAssociations = 32;

    static readonly TimeSpan RoomInterval = TimeSpan.FromMilliseconds(200);

    protected override bool IsOn => options.Value.Receive;

    string Negotiation => Path.Combine(folder.Incoming, "storescp.cfg");

    protected override async Task<string?> ListenAsync(List<Task> running, CancellationToken stopping)
    {
        if (Dcmtk.Find("storescp") is not { } program)
        {
            return Dcmtk.Missing;
        }

        try
        {
            // Whoever holds the port may also hold the folder: without the port nothing in it is touched.
            using var plain = Listen(options.Value.Port, out var fault);
            using var secure = Listen(fault is null ? options.Value.TlsPort : 0, out var secureFault);
            if ((fault ?? secureFault) is { } taken)
            {
                return taken;
            }

            await files.RecoverAsync(stopping);
            await File.WriteAllTextAsync(Negotiation, StoreProcess.Negotiation(), stopping);
            State.Listens();
            Logger.LogInformation(
                "Films are received as {Ae} on port {Port}, by TLS on {TlsPort} (0 for nowhere)", options.Value.AeTitle, options.Value.Port,
                options.Value.TlsPort);
            await Task.WhenAll(
                AcceptAllAsync(plain, isSecure: false, program, running, stopping),
                AcceptAllAsync(secure, isSecure: true, program, running, stopping));
            return null;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DbException or DbUpdateException)
        {
            return $"the folder or the database cannot be used ({e.GetType().Name}).";
        }
    }

    /// <returns>Null where there is no such port, or a fault.</returns>
    static TcpListener? Listen(int port, out string? fault)
    {
        fault = null;
        if (port == 0)
        {
            return null;
        }

        var listener = TcpListener.Create(port);
        try
        {
            listener.Start();
            return listener;
        }
        catch (SocketException e)
        {
            fault = $"port {port} cannot be listened on ({e.SocketErrorCode}).";
            listener.Dispose();
            return null;
        }
    }

    async Task AcceptAllAsync(
        TcpListener? listener, bool isSecure, string program, List<Task> running, CancellationToken stopping)
    {
        while (listener is not null)
        {
            var client = await AcceptAsync(listener, stopping);
            lock (running)
            {
                running.RemoveAll(t => t.IsCompleted);
                running.Add(Task.Run(() => ServeAsync(client, isSecure, program, stopping), CancellationToken.None));
            }
        }
    }

    async Task ServeAsync(TcpClient client, bool isSecure, string program, CancellationToken stopping)
    {
        try
        {
            using (client)
            {
                using var handshake = CancellationTokenSource.CreateLinkedTokenSource(stopping);
                handshake.CancelAfter(HandshakeTimeout);
                if (await GreetAsync(client, isSecure, handshake.Token, stopping) is var (peer, request, from))
                {
                    await using (peer)
                    {
                        await ServeAsync(peer, request, from, program, handshake.Token, stopping);
                    }
                }
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // One association is the boundary: whatever a peer sends, the others go on. It is not acknowledged, so it comes again.
            if (!stopping.IsCancellationRequested)
            {
                Logger.LogWarning("An association broke off: {Error}", e.GetType().Name);
            }
        }
    }

    /// <returns>Who may send; null where the peer was turned away.</returns>
    async Task<(Stream Peer, AssociationRequest Request, IPAddress From)?> GreetAsync(
        TcpClient client, bool isSecure, CancellationToken handshake, CancellationToken stopping)
    {
        try
        {
            client.NoDelay = true;
            var from = AllowList.Plain(((IPEndPoint)client.Client.RemoteEndPoint!).Address);
            if (await SecureAsync(client.GetStream(), isSecure, from, handshake) is not { } peer)
            {
                return null;
            }

            if (await RequestAsync(peer, from, handshake, stopping) is { } request)
            {
                return (peer, request, from);
            }

            await peer.DisposeAsync();
            return null;
        }
        finally
        {
            EndHandshake();
        }
    }

    /// <returns>What the peer is spoken to by; null where it does not prove who it is.</returns>
    async Task<Stream?> SecureAsync(NetworkStream peer, bool isSecure, IPAddress from, CancellationToken handshake)
    {
        if (!isSecure)
        {
            return peer;
        }

        var (stream, found) = (new SslStream(peer), default(SslPolicyErrors?));
        try
        {
            var authentication = DicomTls.ToAccept(options.Value);
            authentication.RemoteCertificateValidationCallback = (_, _, _, errors) => (found = errors) == SslPolicyErrors.None;
            await stream.AuthenticateAsServerAsync(authentication, handshake);
            return stream;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or CryptographicException or UnauthorizedAccessException)
        {
            await stream.DisposeAsync();
            Logger.LogWarning("{Host} was turned away by TLS: {Reason}", from, WhyNot(e, found));
            return null;
        }
    }

    static string WhyNot(Exception error, SslPolicyErrors? found) => (error, found) switch
    {
        (CryptographicException or UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException, _) =>
            "the certificates of Hospital:Certificate or Hospital:CertificateAuthority cannot be read",
        (_, null) => "it does not speak TLS 1.2, or does not trust our certificate",
        (_, SslPolicyErrors.RemoteCertificateNotAvailable) => "it showed no certificate",
        _ => "its certificate is not one of Hospital:CertificateAuthority",
    };

    /// <returns>Null where the peer was turned away.</returns>
    async Task<AssociationRequest?> RequestAsync(Stream peer, IPAddress from, CancellationToken handshake, CancellationToken stopping)
    {
        if (await AssociationRequest.ReadAsync(peer, handshake) is not { } request)
        {
            Logger.LogWarning("{Host} connected and did not speak DICOM", from);
            return null;
        }

        if (await JudgeAsync(request, from, stopping) is { } rejection)
        {
            await RejectAsync(peer, request, from, rejection, handshake);
            return null;
        }

        return request;
    }

    async Task ServeAsync(
        Stream peer, AssociationRequest request, IPAddress from, string program, CancellationToken handshake,
        CancellationToken stopping)
    {
        // Only whom the list knows counts: a stranger's connections must not take the senders' places.
        State.Enter();
        try
        {
            if (!await ReceiveAsync(peer, request, from, program, stopping))
            {
                await RejectAsync(peer, request, from, Rejection.NoProgram, handshake);
            }
        }
        finally
        {
            State.Leave();
        }
    }

    /// <returns>False where storescp did not start.</returns>
    async Task<bool> ReceiveAsync(
        Stream peer, AssociationRequest request, IPAddress from, string program, CancellationToken stopping)
    {
        var place = Path.Combine(folder.Incoming, Guid.NewGuid().ToString("N"));
        using var store = await StoreProcess.StartAsync(program, Negotiation, place, options.Value.IdleTimeout, stopping);
        State.Hinders(store is null ? "storescp did not start for the last sender." : null);
        if (store is null)
        {
            return false;
        }

        var taken = 0;
        async Task TakeAsync(string written, CancellationToken cancellation)
        {
            var complete = Directory.GetFiles(written);
            if (complete.Length == 0)
            {
                // What is not here was not kept, and is not acknowledged.
                throw new IOException("There is no file of a stored object.");
            }

            foreach (var path in complete)
            {
                await files.TakeAsync(path, request.CallingAe, from.ToString(), cancellation);
                taken++;
            }

            // A peer that waits for its answer sends no more.
            while (await files.CountWaitingAsync(cancellation) > options.Value.MaxWaiting)
            {
                await Task.Delay(RoomInterval, time, cancellation);
            }
        }

        var isWhole = await new Association(peer, store, TakeAsync, HasRoom, options.Value.IdleTimeout * 2)
            .RunAsync(request, stopping);
        Logger.LogInformation(
            "{Ae} of {Host} sent {Count} objects{End}", request.CallingAe, from, taken, isWhole ? "" : ", and the association broke off");
        return true;
    }

    async Task<Rejection?> JudgeAsync(AssociationRequest request, IPAddress from, CancellationToken cancellation) => request switch
    {
        _ when request.CalledAe != options.Value.AeTitle => Rejection.WrongCalledAe,
        _ when !allowed.Knows(request.CallingAe) => Rejection.UnknownCallingAe,
        _ when !await allowed.AllowsAsync(request.CallingAe, from, cancellation) => Rejection.WrongHost,
        _ when State.Associations >= MaxAssociations => Rejection.Busy,
        _ when !HasRoom() => Rejection.NoRoom,
        _ when !await room.IsInQueueAsync(cancellation) => Rejection.Busy,
        _ => null,
    };

    bool HasRoom()
    {
        if (room.IsOnDisk)
        {
            return true;
        }

        State.Hinders("the disk has no room.");
        return false;
    }

    async Task RejectAsync(
        Stream peer, AssociationRequest request, IPAddress from, Rejection rejection, CancellationToken cancellation)
    {
        Logger.LogWarning("{Ae} of {Host} was turned away: {Reason}", request.CallingAe, from, rejection.Reason);
        await peer.WriteAsync(rejection.Bytes, cancellation);
        // It closes when it has read the answer; a close from here might take the answer away.
        await peer.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, cancellation);
    }
}

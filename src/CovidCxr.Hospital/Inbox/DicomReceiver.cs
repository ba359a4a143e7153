using System.Data.Common;
using System.Net;
using System.Net.Sockets;
using CovidCxr.Hospital.Peers;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CovidCxr.Hospital.Inbox;

/// <summary>
/// Listens in the hospital's network. It looks at whom a peer calls and who it says it is, and hands the association to a storescp of its
/// own: what dcmtk does not check is checked before, and a crash ends one association.
/// </summary>
sealed class DicomReceiver(
    IOptions<HospitalOptions> options, AllowList allowed, ReceivedFiles files, ReceiverState state, DataFolder folder, TimeProvider time,
    ILogger<DicomReceiver> logger)
    : BackgroundService
{
    /// <summary>A department has fewer modalities; the others are told to come again.</summary>
    public const int MaxAssociations = 32;

    /// <summary>Connections that have not said yet who they are, or are being turned away; the others wait.</summary>
    public const int MaxHandshakes = 256;

    /// <summary>Below this no association is taken, and those under way end: the database lies on the same disk.</summary>
    public const long LeastFreeBytes = 500_000_000;

    static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10), FirstDelay = TimeSpan.FromSeconds(1),
        LongestDelay = TimeSpan.FromMinutes(1), RoomInterval = TimeSpan.FromMilliseconds(200);

    readonly SemaphoreSlim _handshakes = new(MaxHandshakes);

    /// <summary>Of the disk that a folder lies on.</summary>
    internal Func<string, long> FreeBytes { get; set; } = root => new DriveInfo(root).AvailableFreeSpace;

    string Negotiation => Path.Combine(folder.Incoming, "storescp.cfg");

    public override void Dispose()
    {
        _handshakes.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The host's start does not wait for what follows.
        await Task.Yield();
        for (var delay = FirstDelay; options.Value.Receive && !stoppingToken.IsCancellationRequested;)
        {
            List<Task> running = [];
            var fault = await ListenAsync(running, stoppingToken);
            if (fault is not null)
            {
                state.Fails(fault);
                logger.LogError("Nothing is received, and in {Delay} it is tried again: {Fault}", delay, fault);
            }

            // A new start empties the folder that these write into.
            await Task.WhenAll(running);
            if (fault is null)
            {
                break;
            }

            // Without end, and at most once a minute: what is missing may be installed, and a port may become free.
            await Task.Delay(delay, CancellationToken.None).WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }

        state.Ends();
    }

    /// <returns>Why it cannot; null where it was told to stop.</returns>
    async Task<string?> ListenAsync(List<Task> running, CancellationToken stopping)
    {
        if (Dcmtk.Find("storescp") is not { } program)
        {
            return Dcmtk.Missing;
        }

        try
        {
            // Whoever holds the port may also hold the folder: without the port nothing in it is touched.
            using var listener = TcpListener.Create(options.Value.Port);
            listener.Start();
            await files.RecoverAsync(stopping);
            await File.WriteAllTextAsync(Negotiation, StoreProcess.Negotiation(), stopping);
            state.Listens();
            logger.LogInformation("Films are received as {Ae} on port {Port}", options.Value.AeTitle, options.Value.Port);
            while (true)
            {
                var client = await AcceptAsync(listener, stopping);
                running.RemoveAll(t => t.IsCompleted);
                running.Add(Task.Run(() => ServeAsync(client, program, stopping), CancellationToken.None));
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or DbException or DbUpdateException)
        {
            return e is SocketException
                ? $"port {options.Value.Port} cannot be listened on ({((SocketException)e).SocketErrorCode})."
                : $"the folder or the database cannot be used ({e.GetType().Name}).";
        }
    }

    /// <summary>One connection, with a place for its handshake.</summary>
    async Task<TcpClient> AcceptAsync(TcpListener listener, CancellationToken stopping)
    {
        await _handshakes.WaitAsync(stopping);
        while (true)
        {
            try
            {
                return await listener.AcceptTcpClientAsync(stopping);
            }
            catch (SocketException e)
            {
                // As at the limit of open files. Those that are connected go on, and the port stays ours.
                state.Hinders($"connections could not be taken ({e.SocketErrorCode}).");
                logger.LogError("A connection could not be taken: {Error}", e.SocketErrorCode);
                await Task.Delay(FirstDelay, stopping);
            }
        }
    }

    async Task ServeAsync(TcpClient client, string program, CancellationToken stopping)
    {
        try
        {
            using (client)
            {
                using var handshake = CancellationTokenSource.CreateLinkedTokenSource(stopping);
                handshake.CancelAfter(HandshakeTimeout);
                if (await GreetAsync(client, handshake.Token, stopping) is var (request, from))
                {
                    await ServeAsync(client.GetStream(), request, from, program, handshake.Token, stopping);
                }
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // One association is the boundary: whatever a peer sends, the others go on. It is not acknowledged, so it comes again.
            if (!stopping.IsCancellationRequested)
            {
                logger.LogWarning("An association broke off: {Error}", e.GetType().Name);
            }
        }
    }

    /// <returns>Who may send; null where the peer was turned away.</returns>
    async Task<(AssociationRequest Request, IPAddress From)?> GreetAsync(
        TcpClient client, CancellationToken handshake, CancellationToken stopping)
    {
        try
        {
            client.NoDelay = true;
            var (peer, from) = (client.GetStream(), AllowList.Plain(((IPEndPoint)client.Client.RemoteEndPoint!).Address));
            if (await AssociationRequest.ReadAsync(peer, handshake) is not { } request)
            {
                logger.LogWarning("{Host} connected and did not speak DICOM", from);
                return null;
            }

            if (await JudgeAsync(request, from, stopping) is { } rejection)
            {
                await RejectAsync(peer, request, from, rejection, handshake);
                return null;
            }

            return (request, from);
        }
        finally
        {
            _handshakes.Release();
        }
    }

    async Task ServeAsync(
        NetworkStream peer, AssociationRequest request, IPAddress from, string program, CancellationToken handshake,
        CancellationToken stopping)
    {
        // Only whom the list knows counts: a stranger's connections must not take the senders' places.
        state.Enter();
        try
        {
            if (!await ReceiveAsync(peer, request, from, program, stopping))
            {
                await RejectAsync(peer, request, from, Rejection.NoProgram, handshake);
            }
        }
        finally
        {
            state.Leave();
        }
    }

    /// <returns>False where storescp did not start.</returns>
    async Task<bool> ReceiveAsync(
        NetworkStream peer, AssociationRequest request, IPAddress from, string program, CancellationToken stopping)
    {
        var place = Path.Combine(folder.Incoming, Guid.NewGuid().ToString("N"));
        using var store = await StoreProcess.StartAsync(program, Negotiation, place, options.Value.IdleTimeout, stopping);
        state.Hinders(store is null ? "storescp did not start for the last sender." : null);
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
        logger.LogInformation(
            "{Ae} of {Host} sent {Count} objects{End}", request.CallingAe, from, taken, isWhole ? "" : ", and the association broke off");
        return true;
    }

    async Task<Rejection?> JudgeAsync(AssociationRequest request, IPAddress from, CancellationToken cancellation) => request switch
    {
        _ when request.CalledAe != options.Value.AeTitle => Rejection.WrongCalledAe,
        _ when !allowed.Knows(request.CallingAe) => Rejection.UnknownCallingAe,
        _ when !await allowed.AllowsAsync(request.CallingAe, from, cancellation) => Rejection.WrongHost,
        _ when state.Associations >= MaxAssociations => Rejection.Busy,
        _ when !HasRoom() => Rejection.NoRoom,
        _ when await files.CountWaitingAsync(cancellation) >= options.Value.MaxWaiting => Rejection.Busy,
        _ => null,
    };

    bool HasRoom()
    {
        if (FreeBytes(folder.Root) >= LeastFreeBytes)
        {
            return true;
        }

        state.Hinders("the disk has no room.");
        return false;
    }

    async Task RejectAsync(
        NetworkStream peer, AssociationRequest request, IPAddress from, Rejection rejection, CancellationToken cancellation)
    {
        logger.LogWarning("{Ae} of {Host} was turned away: {Reason}", request.CallingAe, from, rejection.Reason);
        await peer.WriteAsync(rejection.Bytes, cancellation);
        // It closes when it has read the answer; a close from here might take the answer away.
        await peer.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, cancellation);
    }
}

using System.Net.Sockets;
using CovidCxr.Platform.Loops;
using CovidCxr.Platform.Nodes;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Hospital.Inbox;

/// <summary>
/// A port that peers connect to, of one of several programs. Where it cannot listen it tries again; what it says of itself is its state.
/// </summary>
abstract class PeerReceiver(string name, ReceiverState state, OneAtWork turns, ILogger logger) : WorkOfOne(name, turns)
{
    /// <summary>Connections that have not said yet who they are, or are being turned away; the others wait.</summary>
    public const int MaxHandshakes = 256;

    protected static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1), LongestDelay = TimeSpan.FromMinutes(1);

    readonly SemaphoreSlim _handshakes = new(MaxHandshakes);

    protected ReceiverState State { get; } = state;

    protected ILogger Logger { get; } = logger;

    protected abstract bool IsOn { get; }

    public override void Dispose()
    {
        _handshakes.Dispose();
        base.Dispose();
    }

    /// <param name="running">Gets what serves each connection.</param>
    /// <returns>Why it cannot; null where it was told to stop.</returns>
    protected abstract Task<string?> ListenAsync(List<Task> running, CancellationToken stopping);

    protected override void Wait() => State.IsElsewhere = true;

    protected override async Task WorkAsync(CancellationToken stopping)
    {
        State.IsElsewhere = false;
        for (var delay = FirstDelay; IsOn && !stopping.IsCancellationRequested;)
        {
            List<Task> running = [];
            var fault = await ListenAsync(running, stopping);
            if (fault is not null)
            {
                State.Fails(fault);
                Logger.LogError("Nothing is received, and in {Delay} it is tried again: {Fault}", delay, fault);
            }

            // A new start may empty the folder that these write into.
            await Task.WhenAll(running);
            if (fault is null)
            {
                break;
            }

            // Without end, and at most once a minute: what is missing may be installed, and a port may become free.
            await GuardedLoop.PauseAsync(delay, stopping);
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }

        State.Ends();
    }

    /// <summary>One connection, with a place for its handshake.</summary>
    protected async Task<TcpClient> AcceptAsync(TcpListener listener, CancellationToken stopping)
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
                State.Hinders($"connections could not be taken ({e.SocketErrorCode}).");
                Logger.LogError("A connection could not be taken: {Error}", e.SocketErrorCode);
                await Task.Delay(FirstDelay, stopping);
            }
        }
    }

    protected void EndHandshake() => _handshakes.Release();
}

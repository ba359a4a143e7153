using System.Net.Sockets;
using System.Security.Authentication;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Nodes;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Audit;

/// <summary>
/// Sends each sealed entry and the head to a syslog collector, in order and at least once. The trail itself is the buffer: nobody waits for
/// the collector, and nothing piles up in memory.
/// </summary>
public sealed class SyslogSender(
    IDbContextFactory<CovidCxrDbContext> contexts, AuditKey key, IOptions<AuditOptions> options, OneAtWork turns, TimeProvider time,
    ILogger<SyslogSender> logger) : WorkOfOne("syslog", turns)
{
    const int Batch = 200;

    // Longer than an unacknowledged connection lives: what was sent before that has arrived, as far as TCP can tell.
    static readonly TimeSpan Settling = TimeSpan.FromSeconds(30);

    static readonly TimeSpan Every = TimeSpan.FromSeconds(1), LongestWait = TimeSpan.FromMinutes(1), HeadEvery = TimeSpan.FromHours(1);

    readonly Queue<(DateTimeOffset At, SyslogPosition Position)> _unsettled = new();
    SyslogConnection? _connection;
    SyslogPosition? _settled, _sent;
    (byte[] Seal, DateTimeOffset At) _head;

    public bool IsOn => options.Value.Syslog.Host.Length > 0;

    /// <summary>Why nothing is sent just now; null where it is.</summary>
    public string? Failure { get; private set; }

    /// <summary>The last entry that was sent.</summary>
    public long LastId => (_sent ?? SyslogPosition.Read(key.Folder)).LastId;

    /// <summary>Entries up to here need not be kept for the collector.</summary>
    internal long SettledId => IsOn ? SyslogPosition.Read(key.Folder).LastId : long.MaxValue;

    /// <summary>Sends what was sealed since.</summary>
    /// <exception cref="IOException">The collector cannot be reached, or is not the one.</exception>
    public async Task SendAsync(CancellationToken cancellation)
    {
        try
        {
            await SendWhatIsNewAsync(cancellation);
            Failure = null;
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or OperationCanceledException)
        {
            Hang();
            if (cancellation.IsCancellationRequested)
            {
                throw;
            }

            Failure = e.GetType().Name;
            throw new IOException(e.Message, e);
        }
    }

    async Task SendWhatIsNewAsync(CancellationToken cancellation)
    {
        if (_connection is { IsOpen: false })
        {
            Hang();
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (_connection is null)
        {
            _connection = await SyslogConnection.OpenAsync(options.Value.Syslog, cancellation);
            // What may not have arrived comes again.
            _settled ??= SyslogPosition.Read(key.Folder);
            _sent = await HoldsAsync(db, _settled, cancellation) ? _settled : await AcceptedAsync(db, cancellation);
            _head = ([], default);
        }
        else if (!await HoldsAsync(db, _sent!, cancellation))
        {
            _sent = await AcceptedAsync(db, cancellation);
        }

        while (await NextAsync(db, cancellation) is { Count: > 0 } entries)
        {
            await _connection.SendAsync([.. entries.Select(SyslogMessage.Of)], cancellation);
            Note(new(entries[^1].Id, entries[^1].Seal!));
        }

        var now = time.GetUtcNow();
        if (AuditHead.TryRead(key) is { } head && (!head.Seal.AsSpan().SequenceEqual(_head.Seal) || now - _head.At >= HeadEvery))
        {
            await _connection.SendAsync([SyslogMessage.Of(head, now)], cancellation);
            _head = (head.Seal, now);
        }

        Settle(now);
    }

    Task<List<AuditEntry>> NextAsync(CovidCxrDbContext db, CancellationToken cancellation) => db.Audit.AsNoTracking()
        .Where(a => a.Id > _sent!.LastId && a.Seal != null).OrderBy(a => a.Id).Take(Batch).ToListAsync(cancellation);

    // Whether the trail is still the one that was sent.
    async Task<bool> HoldsAsync(CovidCxrDbContext db, SyslogPosition position, CancellationToken cancellation) =>
        position.LastId == 0 || await db.Audit.AnyAsync(a => a.Id == position.LastId && a.Seal == position.Seal, cancellation)
        || AuditAnchors.TryRead(key)?.All is [.., { LastId: var archived }] && position.LastId <= archived;

    // It was accepted as it stands, and its seals are others since: from that entry on it is sent again. Else all of it.
    static async Task<SyslogPosition> AcceptedAsync(CovidCxrDbContext db, CancellationToken cancellation)
    {
        var accepted = await db.Audit.Where(a => a.Action == AuditAction.TrailAccept).MaxAsync(a => (long?)a.Id, cancellation) ?? 1;
        return await db.Audit.AsNoTracking().Where(a => a.Id < accepted && a.Seal != null).OrderByDescending(a => a.Id)
            .Select(a => new SyslogPosition(a.Id, a.Seal!)).FirstOrDefaultAsync(cancellation) ?? SyslogPosition.None;
    }

    void Note(SyslogPosition position)
    {
        _sent = position;
        _unsettled.Enqueue((time.GetUtcNow(), position));
    }

    void Settle(DateTimeOffset now)
    {
        var known = _settled;
        while (_unsettled.TryPeek(out var next)
            && (now - next.At >= Settling || options.Value.Syslog.Transport == SyslogTransport.Udp))
        {
            _settled = _unsettled.Dequeue().Position;
        }

        if (_settled != known)
        {
            _settled!.Write(key.Folder);
        }
    }

    void Hang()
    {
        _connection?.Dispose();
        _connection = null;
        _unsettled.Clear();
    }

    protected override async Task WorkAsync(CancellationToken stopping)
    {
        try
        {
            await SendOnAsync(stopping);
        }
        finally
        {
            // What another program sends meanwhile stands in the position that it leaves.
            Hang();
            (_settled, _sent, Failure) = (null, null, null);
        }
    }

    async Task SendOnAsync(CancellationToken stopping)
    {
        var wait = Every;
        while (IsOn)
        {
            try
            {
                await SendAsync(stopping);
                if (wait > Every)
                {
                    logger.LogInformation("The syslog collector has the audit trail again");
                }

                wait = Every;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Whatever it is, the program serves on, and health says so.
                Failure = e.InnerException?.GetType().Name ?? e.GetType().Name;
                if (wait == Every)
                {
                    logger.LogError("The audit trail does not reach the syslog collector, which is tried again: {Reason}", Failure);
                }

                wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
            }

            await Task.Delay(wait, time, stopping);
        }
    }

    public override void Dispose()
    {
        Hang();
        base.Dispose();
    }
}

/// <summary>Whether the collector has what was sealed a minute ago.</summary>
sealed class SyslogHealth(SyslogSender sender, IDbContextFactory<CovidCxrDbContext> contexts, TimeProvider time) : IHealthCheck
{
    static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!sender.IsOn)
        {
            return HealthCheckResult.Healthy();
        }

        var last = sender.LastId;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var waiting = db.Audit.Where(a => a.Id > last);
        var oldest = await waiting.OrderBy(a => a.Id).Select(a => (DateTimeOffset?)a.At).FirstOrDefaultAsync(cancellationToken);
        return sender.Failure is not null || (oldest is { } since && time.GetUtcNow() - since > Longest)
            ? HealthCheckResult.Degraded(
                $"{await waiting.LongCountAsync(cancellationToken)} entries have not reached the collector ({sender.Failure ?? "slow"})")
            : HealthCheckResult.Healthy();
    }
}

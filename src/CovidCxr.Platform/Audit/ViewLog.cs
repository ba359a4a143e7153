using System.Collections.Concurrent;
using System.Threading.Channels;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Platform.Audit;

/// <summary>
/// Who looked at what: written at once, and beside the request, so that no reader waits for the disk. Of a list that is shown again and
/// again there is one entry for a person and minute.
/// </summary>
public sealed class ViewLog(AuditLog log, TimeProvider time, ILogger<ViewLog> logger) : BackgroundService
{
    // Beyond that many a request waits for the disk.
    const int Capacity = 10_000, Batch = 100, Many = 10_000;

    readonly Channel<AuditEntry> _waiting = Channel.CreateBounded<AuditEntry>(Capacity);
    readonly ConcurrentDictionary<(Guid User, AuditAction Action, Guid? Study, string? What), long> _minutes = new();
    volatile bool _isRunning;

    /// <summary>Of a list, a page that refreshes itself, or one of many pictures: once a minute.</summary>
    /// <param name="what">Which list. Never what a person typed.</param>
    public ValueTask NoteOnceAMinuteAsync(Actor actor, AuditAction action, Guid? studyId, string what)
    {
        var minute = time.GetUtcNow().UtcTicks / TimeSpan.TicksPerMinute;
        var key = (actor.UserId, action, studyId, what);
        if (_minutes.TryGetValue(key, out var known) && known == minute)
        {
            return ValueTask.CompletedTask;
        }

        if (_minutes.Count >= Many)
        {
            foreach (var old in _minutes.Where(m => m.Value != minute))
            {
                _minutes.TryRemove(old);
            }
        }

        _minutes[key] = minute;
        return NoteAsync(actor, action, studyId, what);
    }

    /// <summary>Of each time.</summary>
    public ValueTask NoteAsync(Actor actor, AuditAction action, Guid? studyId, string? what = null)
    {
        var entry = log.Make(actor, action, AuditOutcome.Succeeded, studyId, what);
        // Where nobody writes beside, as in a command, or too many wait, it is written here.
        return _isRunning && _waiting.Writer.TryWrite(entry) ? ValueTask.CompletedTask : new(log.RecordAsync([entry]));
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _isRunning = true;
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Until the end: what was seen while the program stops is written too.
        while (await _waiting.Reader.WaitToReadAsync(CancellationToken.None))
        {
            List<AuditEntry> entries = [];
            while (entries.Count < Batch && _waiting.Reader.TryRead(out var entry))
            {
                entries.Add(entry);
            }

            try
            {
                await log.RecordAsync(entries);
            }
            catch (Exception e)
            {
                // The key's folder is away: whatever writes entries stops then, and the next view is tried again.
                logger.LogError("{Count} views could not be recorded: {Reason}", entries.Count, e.GetType().Name);
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _isRunning = false;
        _waiting.Writer.TryComplete();
        await (ExecuteTask ?? Task.CompletedTask).WaitAsync(cancellationToken);
        await base.StopAsync(cancellationToken);
    }
}

using System.Threading.Channels;
using CovidCxr.Clinic.Readings;
using CovidCxr.Hospital.Peers;
using CovidCxr.Platform.Loops;
using CovidCxr.Platform.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CovidCxr.Hospital.Delivery;

/// <summary>
/// Queues results as studies change, and sends them: to each destination one object at a time, so that none is ever flooded.
/// </summary>
sealed class DeliveryWorker(
    QueueResults queue, SendResult send, StudyChanges changes, IOptions<HospitalOptions> options, OneAtWork turns,
    TimeProvider time, ILogger<DeliveryWorker> logger)
    : WorkOfOne("delivery", turns)
{
    /// <summary>Changes that wait to be looked at; what is beyond them the next look at everything finds.</summary>
    const int MostChanges = 10_000;

    static readonly TimeSpan Look = TimeSpan.FromSeconds(2), LookAtAll = TimeSpan.FromMinutes(1), LongestPause = TimeSpan.FromMinutes(1);

    readonly Channel<Guid> _changed = Channel.CreateBounded<Guid>(
        new BoundedChannelOptions(MostChanges) { FullMode = BoundedChannelFullMode.DropWrite });

    protected override async Task WorkAsync(CancellationToken stopping)
    {
        await GuardAsync(queue.PrepareAsync, stopping);
        while (!await GuardAsync(send.SweepAsync, stopping) && !stopping.IsCancellationRequested)
        {
            // Nothing is sent before it is noted what has left.
        }

        var destinations = options.Value.Destinations.Where(d => d.Send).ToList();
        if (destinations.Count == 0)
        {
            return;
        }

        changes.Changed += Note;
        try
        {
            await Task.WhenAll(destinations.Select(d => SendAsync(d, stopping)).Append(QueueAsync(stopping)));
        }
        finally
        {
            changes.Changed -= Note;
        }
    }

    void Note(Guid study) => _changed.Writer.TryWrite(study);

    async Task QueueAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            // All of them at first and once a minute: policies change, and so does what another process stores.
            await GuardAsync(queue.PrepareAsync, stopping);
            await GuardAsync(c => LookAsync(null, c), stopping);
            using var minute = new CancellationTokenSource(LookAtAll, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, minute.Token);
            while (await HasChangedAsync(either.Token))
            {
                HashSet<Guid> changed = [];
                while (_changed.Reader.TryRead(out var study))
                {
                    changed.Add(study);
                }

                await GuardAsync(c => LookAsync(changed, c), stopping);
            }
        }
    }

    async Task LookAsync(IReadOnlyCollection<Guid>? studies, CancellationToken cancellation)
    {
        while (await queue.RunAsync(studies, cancellation) >= QueueResults.Batch)
        {
            // There may be more.
        }
    }

    async Task<bool> HasChangedAsync(CancellationToken cancellation)
    {
        try
        {
            return await _changed.Reader.WaitToReadAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    async Task SendAsync(DestinationOptions destination, CancellationToken stopping)
    {
        for (var pause = Look; !stopping.IsCancellationRequested;)
        {
            var turn = SendTurn.Unreachable;
            await GuardAsync(async c => turn = await send.RunAsync(destination, c), stopping);
            if (turn == SendTurn.Unreachable)
            {
                // Each object would find the same closed door.
                await GuardedLoop.PauseAsync(pause, stopping);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                continue;
            }

            pause = Look;
            if (turn == SendTurn.Nothing)
            {
                await GuardedLoop.PauseAsync(Look, stopping);
            }
        }
    }

    Task<bool> GuardAsync(Func<CancellationToken, Task> work, CancellationToken stopping) =>
        GuardedLoop.TryAsync(work, "The delivery of results", Look, logger, stopping);
}

using System.Data.Common;
using CovidCxr.Domain.Hospital;
using CovidCxr.Platform.Loops;
using CovidCxr.Platform.Nodes;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Hospital.Inbox;

/// <summary>Files what was received, one after the other in the order of arrival, whether or not this process receives.</summary>
sealed class InboxWorker(
    IDbContextFactory<CovidCxrDbContext> contexts, ReceivedFiles files, FileReceived file, OneAtWork turns,
    ILogger<InboxWorker> logger) : WorkOfOne("inbox", turns)
{
    const int Batch = 100;

    static readonly TimeSpan Look = TimeSpan.FromSeconds(5);

    protected override async Task WorkAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await GuardedLoop.TryAsync(LookAsync, "The inbox", Look, logger, stopping);
        }
    }

    async Task LookAsync(CancellationToken stopping)
    {
        if (!await RunAsync(stopping))
        {
            await files.WaitAsync(Look, stopping);
        }
    }

    /// <summary>One look.</summary>
    /// <returns>Whether something was settled, and so more may be waiting.</returns>
    internal async Task<bool> RunAsync(CancellationToken cancellation)
    {
        List<ReceivedObject> waiting;
        await using (var db = await contexts.CreateDbContextAsync(cancellation))
        {
            waiting = await db.ReceivedObjects.AsNoTracking().Where(r => r.State == ReceivedState.Waiting).OrderBy(r => r.Id).Take(Batch)
                .ToListAsync(cancellation);
        }

        var settled = false;
        foreach (var received in waiting)
        {
            settled |= await TryAsync(received, cancellation);
        }

        return settled;
    }

    async Task<bool> TryAsync(ReceivedObject received, CancellationToken cancellation)
    {
        try
        {
            await file.RunAsync(received.Id, cancellation);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DbException or DbUpdateException)
        {
            // A full disk or a busy database: it stays where it is, for as long as that lasts.
            logger.LogWarning("Received object {Id} cannot be filed now: {Error}", received.Id, e.GetType().Name);
            await file.ForgiveAsync(received.Id, cancellation);
            return false;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Only the type is logged: a message might quote a patient.
            logger.LogError("Received object {Id} cannot be filed: {Error}", received.Id, e.GetType().Name);
            return false;
        }
    }
}

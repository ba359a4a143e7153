using CovidCxr.Domain.Hospital;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Hospital.Inbox;

/// <summary>
/// What was received, as files that are named by their rows. File, then row, then acknowledgement: what a peer was told that it arrived is
/// on the disk and in the database.
/// </summary>
public sealed class ReceivedFiles(IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, TimeProvider time) : IDisposable
{
    const string Unfinished = ".unfinished";

    static readonly TimeSpan Stale = TimeSpan.FromHours(1);

    readonly SemaphoreSlim _arrivals = new(0);

    /// <summary>Takes a complete file over, from the same disk.</summary>
    public async Task<Guid> TakeAsync(string path, string callingAe, string host, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder.Received);
        var row = new ReceivedObject
        {
            ReceivedAt = time.GetUtcNow(),
            CallingAe = callingAe,
            Host = host,
            Bytes = new FileInfo(path).Length
        };
        await using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Flush(flushToDisk: true);
        }

        File.Move(path, PathOf(row.Id));
        await AddAsync(row, cancellation);
        return row.Id;
    }

    /// <summary>Takes a whole object that is in memory.</summary>
    /// <param name="sender">Its name; beyond 16 characters it is cut.</param>
    public async Task<Guid> TakeAsync(ReadOnlyMemory<byte> content, string sender, string host, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder.Received);
        // Not where associations write: what is there is deleted when the receiver starts anew.
        var path = Path.Combine(folder.Received, Guid.NewGuid().ToString("N") + Unfinished);
        try
        {
            await File.WriteAllBytesAsync(path, content, cancellation);
            return await TakeAsync(path, sender[..Math.Min(sender.Length, ReceivedObject.MaxSender)], host, cancellation);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Makes files and rows agree again after a kill. Before anything is received.</summary>
    public async Task RecoverAsync(CancellationToken cancellation)
    {
        // Of transfers under way; their senders were told nothing, and send again.
        if (Directory.Exists(folder.Incoming))
        {
            Directory.Delete(folder.Incoming, recursive: true);
        }

        Directory.CreateDirectory(folder.Incoming);
        Directory.CreateDirectory(folder.Received);
        foreach (var path in Directory.GetFiles(folder.Received))
        {
            if (!Guid.TryParseExact(Path.GetFileName(path), "N", out var id))
            {
                // Of a kill; its sender was told nothing. A young one may be under way.
                if (path.EndsWith(Unfinished, StringComparison.Ordinal)
                    && File.GetLastWriteTimeUtc(path) < time.GetUtcNow().UtcDateTime - Stale)
                {
                    File.Delete(path);
                }

                continue;
            }

            await using var db = await contexts.CreateDbContextAsync(cancellation);
            if (await db.ReceivedObjects.Where(r => r.Id == id).Select(r => (ReceivedState?)r.State).SingleOrDefaultAsync(cancellation)
                is not { } state)
            {
                // Moved here, and killed before its row was written.
                await AddAsync(
                    new() { Id = id, ReceivedAt = time.GetUtcNow(), CallingAe = "?", Host = "?", Bytes = new FileInfo(path).Length },
                    cancellation);
            }
            else if (IsSettled(state))
            {
                File.Delete(path);
            }
        }
    }

    /// <summary>Waits for an arrival, or for the time after which to look anyway.</summary>
    public async Task WaitAsync(TimeSpan longest, CancellationToken cancellation)
    {
        await _arrivals.WaitAsync(longest, cancellation);
        while (await _arrivals.WaitAsync(0, cancellation))
        {
            // One look finds all that arrived.
        }
    }

    /// <summary>Tells whoever waits that there is something to file.</summary>
    public void Wake() => _arrivals.Release();

    public async Task<int> CountWaitingAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await db.ReceivedObjects.CountAsync(r => r.State == ReceivedState.Waiting, cancellation);
    }

    public string PathOf(Guid id) => Path.Combine(folder.Received, id.ToString("N"));

    /// <summary>Deletes what is settled, where it is there.</summary>
    public void Delete(Guid id)
    {
        if (Directory.Exists(folder.Received))
        {
            File.Delete(PathOf(id));
        }
    }

    /// <summary>Whether the file is of no use any more.</summary>
    public static bool IsSettled(ReceivedState state) => state is ReceivedState.Filed or ReceivedState.Known or ReceivedState.Discarded;

    public void Dispose() => _arrivals.Dispose();

    async Task AddAsync(ReceivedObject row, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        db.ReceivedObjects.Add(row);
        await db.SaveChangesAsync(cancellation);
        Wake();
    }
}

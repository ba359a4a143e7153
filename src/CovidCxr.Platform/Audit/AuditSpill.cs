using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using CovidCxr.Domain.Audit;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Platform.Audit;

/// <summary>What waits in the spill.</summary>
/// <param name="Lost">Entries that found no room there either.</param>
/// <param name="IsIntact">False where somebody else wrote into the file, or took it away.</param>
public sealed record SpillState(IReadOnlyList<AuditEntry> Entries, long Lost, bool IsIntact);

/// <summary>
/// Where entries go while the database cannot be written: a file of a fixed size whose room was taken when there was some. They are drained
/// into the trail with their true time. Nothing in it is overwritten; what finds no room is counted.
/// </summary>
/// <remarks>
/// Two headers, written in turn so that one is always whole: generation, end, entries, lost (8 bytes each), the hash of all records, and
/// the keyed hash of that. Then the records: length (4 bytes), stamp, and the entry as JSON. The hash of a record covers the one before.
/// </remarks>
public sealed class AuditSpill(
    IDbContextFactory<CovidCxrDbContext> contexts, DataFolder folder, AuditKey key, TimeProvider time, ILogger<AuditSpill> logger)
    : IDisposable
{
    /// <summary>Some 3000 entries: a night of a department that cannot write.</summary>
    public const int Bytes = 1 << 20;

    const int HashBytes = 32, StampBytes = 48, SlotBytes = 512, HeaderBytes = (4 * sizeof(long)) + (2 * HashBytes), First = 2 * SlotBytes;
    // Longer than a database that hangs holds up another program which drains it.
    const int TurnAttempts = 3000;

    static readonly TimeSpan TurnWait = TimeSpan.FromMilliseconds(20);

    readonly SemaphoreSlim _turn = new(1);
    bool _isPrepared, _isRefused, _wasTaken;

    // Of the header that this process read or wrote last: a file that is younger is another one.
    long _generation;

    sealed record Header(long Generation, long End, long Count, long Lost, byte[] Hash)
    {
        public static readonly Header Empty = new(0, First, 0, 0, new byte[HashBytes]);
    }

    /// <summary>Entries that wait, as far as this process knows, and what found no room: for health.</summary>
    public (long Waiting, long Lost) Known { get; private set; }

    /// <summary>Whether the database could not be written, as against: would not take this.</summary>
    internal static bool TakesOver(Exception e) => e is DbException or DbUpdateException { InnerException: DbException }
        && !DatabaseErrors.IsConstraint(e);

    /// <summary>Takes the room while there is some; once, and again as long as there was none.</summary>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        if (_isPrepared)
        {
            return;
        }

        await _turn.WaitAsync(cancellation);
        try
        {
            using var file = await OpenAsync();
            var (header, _) = ReadHeader(file);
            (_isPrepared, _generation, Known) = (true, header.Generation, (header.Count, header.Lost));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_isRefused)
            {
                logger.LogError("There is no room for the audit trail's spill, which is tried again: {Reason}", e.GetType().Name);
            }

            _isRefused = true;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Keeps an entry, or counts it as lost.</summary>
    internal async Task WriteAsync(AuditEntry entry)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(entry);
        byte[] record = [.. BitConverter.GetBytes(content.Length), .. entry.Stamp!, .. content];
        await _turn.WaitAsync();
        try
        {
            using var file = await OpenAsync();
            var header = GoOn(ReadHeader(file).Header);
            var hasRoom = header.End + record.Length <= Bytes;
            if (hasRoom)
            {
                RandomAccess.Write(file, record, header.End);
                RandomAccess.FlushToDisk(file);
            }

            var next = hasRoom
                ? header with { End = header.End + record.Length, Count = header.Count + 1, Hash = Chain(header.Hash, record) }
                : header with { Lost = header.Lost + 1 };
            WriteHeader(file, next);
            Note((next.Count, next.Lost));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The work goes on all the same; that something was lost is recorded from memory.
            Note((Known.Waiting, Known.Lost + 1));
        }
        finally
        {
            _turn.Release();
        }
    }

    void Note((long Waiting, long Lost) now)
    {
        if (Known.Waiting == 0 && now.Waiting > 0)
        {
            logger.LogError("The database cannot be written: audit entries go to a file. Is the disk full?");
        }

        if (Known.Lost == 0 && now.Lost > 0)
        {
            logger.LogCritical("Audit entries are being lost: neither the database nor the file for such times takes them");
        }

        Known = now;
    }

    /// <summary>What waits there.</summary>
    public async Task<SpillState> ReadAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            if (!File.Exists(folder.AuditSpill))
            {
                return new([], 0, !_isPrepared);
            }

            using var file = await OpenAsync();
            return Read(file).State;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Puts what waits into the trail, once the database can be written again.</summary>
    public async Task DrainAsync(CancellationToken cancellation)
    {
        if (!_isPrepared && !File.Exists(folder.AuditSpill) && Known == default)
        {
            return;
        }

        await _turn.WaitAsync(cancellation);
        try
        {
            using var file = await OpenAsync();
            var ((entries, lost, isIntact), read) = Read(file);
            var header = GoOn(read);
            lost = Math.Max(lost, header.Lost);
            if (entries.Count == 0 && lost == 0 && isIntact && !_wasTaken)
            {
                Known = default;
                return;
            }

            await using var db = await contexts.CreateDbContextAsync(cancellation);
            db.Audit.AddRange(await NewAsync(db, entries, cancellation));
            if (lost > 0 || !isIntact || _wasTaken)
            {
                AddLoss(db, lost, isIntact);
            }

            await db.SaveChangesAsync(cancellation);
            WriteHeader(file, Header.Empty with { Generation = header.Generation });
            _wasTaken = false;
            logger.LogWarning("{Entries} audit entries came from the file into the trail, {Lost} were lost", entries.Count, lost);
            Known = default;
        }
        finally
        {
            _turn.Release();
        }
    }

    // Those that a kill between the two writes left in both places are in the trail already.
    static async Task<IEnumerable<AuditEntry>> NewAsync(
        CovidCxrDbContext db, IReadOnlyList<AuditEntry> entries, CancellationToken cancellation)
    {
        if (entries.Count == 0)
        {
            return [];
        }

        var (first, last) = (entries.Min(e => e.At), entries.Max(e => e.At));
        var known = await db.Audit.Where(a => a.At >= first && a.At <= last && a.IsSpilled && a.Stamp != null)
            .Select(a => a.Stamp!).ToListAsync(cancellation);
        var stamps = known.Select(Convert.ToHexString).ToHashSet(StringComparer.Ordinal);
        return entries.Where(e => !stamps.Contains(Convert.ToHexString(e.Stamp!)));
    }

    /// <summary>Of a file that was taken away, or an older one in its place, what waited is lost.</summary>
    Header GoOn(Header read)
    {
        if (read.Generation < _generation)
        {
            _wasTaken = true;
            read = read with { Generation = _generation, Lost = read.Lost + Known.Waiting };
        }

        _generation = read.Generation;
        return read with { Lost = Math.Max(read.Lost, Known.Lost) };
    }

    void AddLoss(CovidCxrDbContext db, long lost, bool isIntact)
    {
        var entry = new AuditEntry
        {
            At = time.GetUtcNow(),
            Action = AuditAction.AuditSpill,
            Outcome = AuditOutcome.Failed,
            Detail = $"{lost} entries were lost" + (isIntact ? "" : ", and the file was altered")
                + (_wasTaken ? ", and the file was taken away" : ""),
        };
        entry.Stamp = key.Stamp(entry);
        db.Audit.Add(entry);
    }

    // One process and one thread at a time.
    async Task<Microsoft.Win32.SafeHandles.SafeFileHandle> OpenAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                _wasTaken |= _isPrepared && !File.Exists(folder.AuditSpill);
                return Open();
            }
            catch (IOException) when (attempt < TurnAttempts && IsHeld())
            {
                await Task.Delay(TurnWait);
            }
        }
    }

    // The room is written, not only reserved, so that it is there when the disk is full.
    Microsoft.Win32.SafeHandles.SafeFileHandle Open()
    {
        var file = File.OpenHandle(folder.AuditSpill, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            if (RandomAccess.GetLength(file) < Bytes)
            {
                RandomAccess.Write(file, new byte[Bytes - RandomAccess.GetLength(file)], RandomAccess.GetLength(file));
                RandomAccess.FlushToDisk(file);
            }

            return file;
        }
        catch
        {
            // There is no room: open, it would keep everybody out, this process too.
            file.Dispose();
            throw;
        }
    }

    bool IsHeld()
    {
        try
        {
            using var file = File.OpenHandle(folder.AuditSpill, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    (SpillState State, Header Header) Read(Microsoft.Win32.SafeHandles.SafeFileHandle file)
    {
        var (header, isIntact) = ReadHeader(file);
        List<AuditEntry> entries = [];
        var hash = new byte[HashBytes];
        for (var at = (long)First; at < header.End;)
        {
            var length = new byte[sizeof(int)];
            RandomAccess.Read(file, length, at);
            var size = sizeof(int) + StampBytes + (long)BitConverter.ToInt32(length);
            if (size < sizeof(int) + StampBytes || at + size > header.End)
            {
                isIntact = false;
                break;
            }

            var record = new byte[size];
            RandomAccess.Read(file, record, at);
            hash = Chain(hash, record);
            at += size;
            if (TryParse(record) is { } entry && key.IsGenuine(entry))
            {
                entries.Add(entry);
            }
        }

        isIntact = isIntact && entries.Count == header.Count && CryptographicOperations.FixedTimeEquals(hash, header.Hash);
        return (new(entries, header.Lost, isIntact), header);
    }

    static AuditEntry? TryParse(byte[] record)
    {
        try
        {
            var entry = JsonSerializer.Deserialize<AuditEntry>(record.AsSpan(sizeof(int) + StampBytes));
            entry?.Stamp = record[sizeof(int)..(sizeof(int) + StampBytes)];
            return entry;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    (Header Header, bool IsIntact) ReadHeader(Microsoft.Win32.SafeHandles.SafeFileHandle file)
    {
        Header? newest = null;
        var isBlank = true;
        foreach (var slot in new[] { 0, SlotBytes })
        {
            var bytes = new byte[HeaderBytes];
            RandomAccess.Read(file, bytes, slot);
            isBlank &= !bytes.AsSpan().ContainsAnyExcept((byte)0);
            var signed = bytes[..^HashBytes];
            if (CryptographicOperations.FixedTimeEquals(key.Sign("spill", signed), bytes.AsSpan(^HashBytes..))
                && BitConverter.ToInt64(signed, 0) is var generation && generation > (newest?.Generation ?? 0))
            {
                newest = new(
                    generation, BitConverter.ToInt64(signed, 8), BitConverter.ToInt64(signed, 16), BitConverter.ToInt64(signed, 24),
                    signed[32..]);
            }
        }

        return (newest ?? Header.Empty, newest is not null || isBlank);
    }

    void WriteHeader(Microsoft.Win32.SafeHandles.SafeFileHandle file, Header header)
    {
        var generation = header.Generation + 1;
        byte[] signed =
        [
            .. BitConverter.GetBytes(generation), .. BitConverter.GetBytes(header.End), .. BitConverter.GetBytes(header.Count),
            .. BitConverter.GetBytes(header.Lost), .. header.Hash,
        ];
        RandomAccess.Write(file, [.. signed, .. key.Sign("spill", signed)], generation % 2 * SlotBytes);
        RandomAccess.FlushToDisk(file);
        _generation = generation;
    }

    byte[] Chain(byte[] before, byte[] record) => key.Sign("spilled", [.. before, .. record]);

    public void Dispose() => _turn.Dispose();
}

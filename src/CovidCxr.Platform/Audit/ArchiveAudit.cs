using System.Globalization;
using CovidCxr.Domain.Audit;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Audit;

/// <summary>
/// Puts entries that are older than they are kept into a sealed file beside the key, verifies it, and only then takes them out of the
/// trail, which goes on from there.
/// </summary>
public sealed class ArchiveAudit(
    IDbContextFactory<CovidCxrDbContext> contexts, AuditKey key, AuditLog log, SyslogSender sender, IOptions<AuditOptions> options,
    TimeProvider time, ILogger<ArchiveAudit> logger)
{
    string Folder => Path.Combine(key.Folder, "audit-archives");

    /// <summary>One look, at a trail that was found whole.</summary>
    /// <returns>How many went.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        if (options.Value.KeepYears == 0 || AuditAnchors.TryRead(key) is not { } anchors)
        {
            return 0;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var removed = await RemoveAsync(db, anchors, cancellation);
        // By whole months: else each look would find an hour's entries, and write a file for them.
        var day = time.GetUtcNow().AddYears(-options.Value.KeepYears);
        var limit = new DateTimeOffset(day.Year, day.Month, 1, 0, 0, 0, TimeSpan.Zero);
        // The first that is kept ends it: numbers follow each other in an archive, whatever came late into the trail.
        var kept = await db.Audit.Where(a => a.At >= limit || a.Seal == null).MinAsync(a => (long?)a.Id, cancellation) ?? long.MaxValue;
        var sent = sender.SettledId;
        var old = db.Audit.AsNoTracking().Where(a => a.Id < kept && a.Id <= sent).OrderBy(a => a.Id);
        if (await old.Select(a => (long?)a.Id).FirstOrDefaultAsync(cancellation) is not { } firstId)
        {
            return removed;
        }

        PrivateFiles.CreateFolder(Folder);
        var path = Path.Combine(Folder, FormattableString.Invariant($"audit-{firstId}-{time.GetUtcNow():yyyyMMddHHmmss}.jsonl"));
        var from = anchors.Before(firstId);
        var to = await AuditArchiveFile.WriteAsync(path, key, from, old.AsAsyncEnumerable(), cancellation);
        var (read, finding) = await AuditArchiveFile.VerifyAsync(path, key, cancellation);
        if (read is null || read.Count != to.Count)
        {
            File.Delete(path);
            logger.LogError("Old audit entries stay where they are: their archive could not be read again. {Finding}", finding);
            return removed;
        }

        anchors = anchors with { All = [.. anchors.All, to] };
        AuditAnchors.Write(key, anchors.All);
        return removed + await RemoveAsync(db, anchors, cancellation);
    }

    // Also of an archive whose entries a kill left standing.
    async Task<int> RemoveAsync(CovidCxrDbContext db, AuditAnchors anchors, CancellationToken cancellation)
    {
        if (anchors.All is not [.., var last] || !await db.Audit.AnyAsync(a => a.Id <= last.LastId, cancellation))
        {
            return 0;
        }

        var (to, finding) = await AuditArchiveFile.VerifyAsync(Path.Combine(Folder, last.Name), key, cancellation);
        if (to is null || to.LastId != last.LastId)
        {
            logger.LogError("Old audit entries stay where they are: their archive cannot be read. {Finding}", finding);
            return 0;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // Another database beside the same folder has entries of the same numbers, which are in no archive.
        if (!await db.Audit.AnyAsync(a => a.Id == last.LastId && a.Seal == last.Seal, cancellation))
        {
            logger.LogError("Old audit entries stay where they are: the archive {Name} is not of these", last.Name);
            return 0;
        }

        var removed = await db.Audit.Where(a => a.Id <= last.LastId).ExecuteDeleteAsync(cancellation);
        log.AddTo(
            db, null, AuditAction.AuditArchive, AuditOutcome.Succeeded,
            detail: string.Create(CultureInfo.InvariantCulture, $"{removed} entries up to {last.LastId}: {last.Name}"));
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        logger.LogInformation("{Entries} audit entries went into the archive {Name}", removed, last.Name);
        return removed;
    }

    /// <summary>Looks at an archive, wherever it lies now.</summary>
    /// <returns>What is wrong; null where it is whole.</returns>
    public async Task<string?> VerifyAsync(string path, CancellationToken cancellation)
    {
        key.Need();
        var (to, finding) = await AuditArchiveFile.VerifyAsync(path, key, cancellation);
        return finding ?? (AuditAnchors.TryRead(key)?.All.Any(a =>
            a.Count == to!.Count && a.LastId == to.LastId && a.Seal.AsSpan().SequenceEqual(to.Seal)) == true
            ? null
            : "It is whole, and the trail does not know it: is audit-anchors.json older, or was the trail accepted since?");
    }
}

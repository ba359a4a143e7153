using CovidCxr.Domain.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.Audit;

/// <param name="Sealed">Entries in the chain.</param>
/// <param name="Waiting">Entries that were written just now and are not sealed yet.</param>
/// <param name="Findings">What was altered, in words; the first hundred.</param>
/// <param name="Altered">How many places.</param>
/// <param name="DoEntriesFit">Whether nothing is wrong but the head: the end is missing, or the head is.</param>
public sealed record AuditReport(
    DateTimeOffset At, long Sealed, long Waiting, IReadOnlyList<string> Findings, long Altered, bool DoEntriesFit)
{
    public bool IsWhole => Altered == 0;
}

/// <summary>
/// The chain over the audit trail. Entries are stamped when they are written, so that nobody without the key adds or changes one; they are
/// sealed in their order a moment later, so that none can be taken out; the head says where the chain ended, so that its end cannot be cut.
/// </summary>
public sealed class AuditTrail(
    IDbContextFactory<CovidCxrDbContext> contexts, AuditKey key, AuditLog log, AuditSpill spill, TimeProvider time)
{
    const int Batch = 500, MaxFindings = 100;

    // Entries up to here were looked at; what is not sealed among them is no entry of the program's.
    long _seen;
    bool _isBegun;

    /// <summary>Seals what was written since.</summary>
    public async Task SealAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (_isBegun && !await db.Audit.AnyAsync(a => a.Id > _seen, cancellation))
        {
            return;
        }

        key.Need();
        // The entries of a database that is older than the chain are taken as they are, once.
        var isFirst = AuditHead.TryRead(key) is { Count: 0 };
        while (await SealBatchAsync(db, isFirst, cancellation))
        {
            db.ChangeTracker.Clear();
        }

        _isBegun = true;
    }

    /// <returns>Whether there may be more.</returns>
    async Task<bool> SealBatchAsync(CovidCxrDbContext db, bool isFirst, CancellationToken cancellation)
    {
        // Nobody else writes until the end: two processes must not both go on from the same seal.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var (seal, lastId, count, goesOn) = await EndAsync(db, cancellation);
        var rows = await ReadAsync(db, Math.Max(_seen, lastId), cancellation);
        foreach (var row in rows.Select(r => r.Row).OfType<AuditEntry>().Where(r => key.IsGenuine(r) || (isFirst && r.Stamp is null)))
        {
            db.Audit.Attach(row);
            row.Seal = seal = key.Seal(row, seal);
            (lastId, count) = (row.Id, count + 1);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        // While a first sealing is not over, its head stays the one without an entry: a kill amid it is gone on from.
        if (seal is not null && goesOn && (!isFirst || rows.Count < Batch))
        {
            AuditHead.Of(key, count, lastId, seal).Write(key.Folder);
        }

        _seen = rows is [.., (var newest, _)] ? newest : _seen;
        return rows.Count == Batch;
    }

    /// <returns>The last seal, its entry, how many there are, and whether the head may follow them.</returns>
    async Task<(byte[]? Seal, long LastId, long Count, bool GoesOn)> EndAsync(CovidCxrDbContext db, CancellationToken cancellation)
    {
        var last = await db.Audit.AsNoTracking().Where(a => a.Seal != null).OrderByDescending(a => a.Id)
            .Select(a => new { a.Id, a.Seal }).FirstOrDefaultAsync(cancellation);
        var head = AuditHead.TryRead(key);
        if (last is not null && head?.LastId == last.Id && head.Seal.AsSpan().SequenceEqual(last.Seal))
        {
            // As it mostly is. A trail from whose midst something is missing does not fit there, whatever its head says.
            return (last.Seal, last.Id, head.Count, true);
        }

        var from = await FromAsync(db, AuditAnchors.TryRead(key), cancellation);
        var count = from.Count + await db.Audit.LongCountAsync(a => a.Seal != null, cancellation);
        // A head that the chain does not hold stays as it is: it is what tells that something is missing.
        var goesOn = head is not null && (head.Count == 0 || (head.Count <= count
            && (await db.Audit.AnyAsync(a => a.Id == head.LastId && a.Seal == head.Seal, cancellation)
                || (head.LastId == from.LastId && head.Seal.AsSpan().SequenceEqual(from.Seal)))));
        return (last?.Seal ?? from.Previous, last?.Id ?? from.LastId, count, goesOn);
    }

    /// <summary>Looks at every entry.</summary>
    public async Task<AuditReport> VerifyAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        // One state of the database for the whole walk.
        await using var transaction = await db.BeginReadAsync(cancellation);
        return await VerifyAsync(db, cancellation);
    }

    internal async Task<AuditReport> VerifyAsync(CovidCxrDbContext db, CancellationToken cancellation)
    {
        key.Need();
        // Read first: what is sealed meanwhile makes the chain longer, never shorter.
        var head = AuditHead.TryRead(key);
        var anchors = AuditAnchors.TryRead(key);
        var walk = new AuditWalk(key, head, await FromAsync(db, anchors, cancellation));
        if (anchors is null)
        {
            walk.Add("The file of the trail's archives (audit-anchors.json) was changed, or is another installation's.");
        }

        for (long from = 0; await ReadAsync(db, from, cancellation) is { Count: > 0 } rows; from = rows[^1].Id)
        {
            foreach (var (id, row) in rows)
            {
                walk.Look(id, row);
            }
        }

        foreach (var id in await OddAsync(db, cancellation))
        {
            walk.Add($"Entry {id} was changed: it holds what the program does not write.");
        }

        foreach (var trigger in await Triggers(db).ToListAsync(cancellation))
        {
            walk.Add($"A trigger stands on the trail: {trigger}.");
        }

        if (!(await spill.ReadAsync(cancellation)).IsIntact)
        {
            walk.Add("The file for times without room (audit.spill) was altered or taken away.");
        }

        var doEntriesFit = walk.Findings.Count == 0;
        walk.End(AuditHead.IsThere(key));
        return new(
            time.GetUtcNow(), walk.Sealed, walk.Waiting, [.. walk.Findings.Take(MaxFindings)], walk.Findings.Count, doEntriesFit);
    }

    /// <summary>The archive that the trail in the database follows.</summary>
    internal static async Task<AuditAnchor> FromAsync(CovidCxrDbContext db, AuditAnchors? anchors, CancellationToken cancellation) =>
        anchors?.Before(await db.Audit.MinAsync(a => (long?)a.Id, cancellation)) ?? AuditAnchor.None;

    // A rule of PostgreSQL does what a trigger does.
    static IQueryable<string> Triggers(CovidCxrDbContext db) => db.Database.SqlQuery<string>(db.IsPostgreSql
        ? (FormattableString)$"""
            SELECT tgname::text AS "Value" FROM pg_trigger WHERE tgrelid = '"Audit"'::regclass AND NOT tgisinternal
            UNION ALL SELECT rulename::text FROM pg_rules WHERE schemaname = current_schema() AND tablename = 'Audit'
            """
        : $"SELECT name AS Value FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'Audit'");

    // A number with letters behind it is the same number when it is read, and is found by no question. PostgreSQL's columns take no such
    // thing.
    static Task<List<long>> OddAsync(CovidCxrDbContext db, CancellationToken cancellation) => db.IsPostgreSql
        ? Task.FromResult<List<long>>([])
        : db.Database.SqlQuery<long>(
        $"""
        SELECT Id AS Value FROM Audit
        WHERE typeof(At) <> 'integer' OR typeof(Action) <> 'integer' OR typeof(Outcome) <> 'integer'
            OR UserId <> upper(UserId) OR StudyId <> upper(StudyId)
            OR typeof(UserId) NOT IN ('text', 'null') OR typeof(StudyId) NOT IN ('text', 'null')
            OR typeof(UserName) NOT IN ('text', 'null') OR typeof(Detail) NOT IN ('text', 'null')
            OR typeof(Source) NOT IN ('text', 'null') OR typeof(Before) NOT IN ('text', 'null') OR typeof(After) NOT IN ('text', 'null')
            OR typeof(IsSpilled) <> 'integer' OR IsSpilled NOT IN (0, 1)
            OR typeof(Stamp) NOT IN ('blob', 'null') OR typeof(Seal) NOT IN ('blob', 'null')
        """).ToListAsync(cancellation);

    /// <summary>
    /// Takes the trail as it stands for the whole one: says so in an entry that names what does not fit, seals all anew, and writes the
    /// head. What cannot be read stays a finding.
    /// </summary>
    public async Task AcceptAsync(string reason, CancellationToken cancellation)
    {
        key.CreateIfGone();
        var found = await VerifyAsync(cancellation);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        log.AddTo(db, null, AuditAction.TrailAccept, AuditOutcome.Succeeded, detail: AuditLog.Cut(
            $"{reason} ({found.Altered} places did not fit: {string.Join(' ', found.Findings)})", AuditEntry.MaxTextLength));
        await db.SaveChangesAsync(cancellation);
        var anchors = AuditAnchors.TryRead(key);
        if (anchors is null)
        {
            AuditAnchors.Forget(key);
        }

        var start = await FromAsync(db, anchors, cancellation);
        var seal = start.Previous;
        var (count, last) = (start.Count, start.LastId);
        for (long from = 0; await ReadAsync(db, from, cancellation) is { Count: > 0 } rows; from = rows[^1].Id)
        {
            db.ChangeTracker.Clear();
            foreach (var row in rows.Select(r => r.Row).OfType<AuditEntry>())
            {
                db.Audit.Attach(row);
                row.Stamp = key.IsGenuine(row) ? row.Stamp : null;
                row.Seal = seal = key.Seal(row, seal);
                (count, last) = (count + 1, row.Id);
            }

            await db.SaveChangesAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
        AuditHead.Of(key, count, last, seal!).Write(key.Folder);
    }

    static bool IsOfContent(Exception e) =>
        e is InvalidOperationException or FormatException or InvalidCastException or ArgumentException or OverflowException;

    /// <returns>Null in place of an entry that cannot be read.</returns>
    static async Task<List<(long Id, AuditEntry? Row)>> ReadAsync(CovidCxrDbContext db, long from, CancellationToken cancellation)
    {
        var next = db.Audit.AsNoTracking().Where(a => a.Id > from).OrderBy(a => a.Id).Take(Batch);
        try
        {
            return [.. (await next.ToListAsync(cancellation)).Select(r => (r.Id, (AuditEntry?)r))];
        }
        catch (Exception e) when (IsOfContent(e))
        {
            List<(long, AuditEntry?)> rows = [];
            foreach (var id in await next.Select(a => a.Id).ToListAsync(cancellation))
            {
                try
                {
                    rows.Add((id, await db.Audit.AsNoTracking().SingleAsync(a => a.Id == id, cancellation)));
                }
                catch (Exception inner) when (IsOfContent(inner))
                {
                    rows.Add((id, null));
                }
            }

            return rows;
        }
    }
}

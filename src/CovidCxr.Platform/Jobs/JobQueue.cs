using System.Collections.Concurrent;
using System.Diagnostics;
using CovidCxr.Domain.Jobs;
using CovidCxr.Platform.Nodes;
using CovidCxr.Platform.Telemetry;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Jobs;

/// <summary>
/// The table of jobs as a queue that loses nothing and does nothing twice. A claim raises the job's fence; completion, failure and
/// heartbeat count only under the fence of the claim that they belong to, so a worker that was thought dead cannot overwrite its
/// successor's result.
/// </summary>
public sealed class JobQueue : IDisposable
{
    const string Topic = "job";

    // One statement, so one write transaction: two workers never claim the same row.
    const string ClaimSql =
        """
        UPDATE "Jobs"
        SET "State" = 1, "Attempt" = "Attempt" + 1, "Fence" = "Fence" + 1, "LeaseOwner" = {0}, "LeaseUntil" = {1}
        WHERE "Id" = (
          SELECT "Id" FROM "Jobs"
          WHERE "Kind" = {3} AND "Attempt" < "MaxAttempts" AND (("State" = 0 AND "NotBefore" <= {2})
              OR ("State" = 1 AND "LeaseUntil" < {2}))
          ORDER BY "Id" LIMIT 1)
        RETURNING *
        """;

    // Whoever claims at the same moment takes the next row instead of waiting.
    static readonly string PostgreSqlClaimSql = ClaimSql.Replace("LIMIT 1)", "LIMIT 1 FOR UPDATE SKIP LOCKED)", StringComparison.Ordinal);

    /// <summary>Where the doubling of the delay between attempts ends.</summary>
    public static readonly TimeSpan LongestRetryDelay = TimeSpan.FromMinutes(5);

    readonly ConcurrentDictionary<string, SemaphoreSlim> _arrivals = new(StringComparer.Ordinal);
    readonly IDbContextFactory<CovidCxrDbContext> _contexts;
    readonly IOptions<JobOptions> _options;
    readonly TimeProvider _time;
    readonly NodeNews? _news;

    /// <param name="news">Tells the programs that share the table; null for a table that is not shared.</param>
    public JobQueue(
        IDbContextFactory<CovidCxrDbContext> contexts, IOptions<JobOptions> options, TimeProvider time, NodeNews? news = null)
    {
        (_contexts, _options, _time, _news) = (contexts, options, time, news);
        // What may have been missed is found at the next look, which comes soon by itself.
        news?.Listen(Topic, Hear);
    }

    // Of a kind that nobody waits for here, or that somebody is about to look for, there is nothing to say.
    void Hear(string? kind)
    {
        if (kind is not null && _arrivals.TryGetValue(kind, out var arrivals) && arrivals.CurrentCount == 0)
        {
            arrivals.Release();
        }
    }

    /// <summary>
    /// Adds a job to a context that the caller saves together with what the job is about, and then calls <see cref="Wake"/>.
    /// </summary>
    /// <param name="maxAttempts">Null for the configured number.</param>
    public void AddTo(CovidCxrDbContext db, string kind, string payload, int? maxAttempts = null) => db.Jobs.Add(new Job
    {
        Kind = kind,
        Payload = payload,
        MaxAttempts = maxAttempts ?? _options.Value.MaxAttempts,
        NotBefore = _time.GetUtcNow(),
        CreatedAt = _time.GetUtcNow(),
        TraceParent = Instruments.Source.HasListeners()
            && Activity.Current is { Recorded: true, IdFormat: ActivityIdFormat.W3C } request ? request.Id : null,
    });

    /// <summary>Tells waiting workers, those of other programs too, that there is a job of their kind.</summary>
    public void Wake(string kind)
    {
        Arrivals(kind).Release();
        _news?.Tell(Topic, kind);
    }

    /// <summary>Waits for <see cref="Wake"/>, or for the time after which to look at the table anyway.</summary>
    public Task WaitAsync(string kind, CancellationToken cancellation) =>
        Arrivals(kind).WaitAsync(_options.Value.PollInterval, cancellation);

    /// <summary>Takes the oldest job of a kind that is due or whose lease has run out; null where there is none.</summary>
    public async Task<Job?> ClaimAsync(string kind, string owner, CancellationToken cancellation)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellation);
        // A claim waits for its turn as a heartbeat does, which it would overtake otherwise; SQLite's statement does so by itself.
        await using var turn = db.IsPostgreSql ? await db.Database.BeginTransactionAsync(cancellation) : null;
        var now = await NowAsync(db, cancellation);
        var sql = db.IsPostgreSql ? PostgreSqlClaimSql : ClaimSql;
        var claimed = await db.Jobs.FromSqlRaw(sql, owner, (now + _options.Value.Lease).UtcTicks, now.UtcTicks, kind).AsNoTracking()
            .ToListAsync(cancellation);
        if (turn is not null)
        {
            await turn.CommitAsync(cancellation);
        }

        return claimed.SingleOrDefault();
    }

    /// <summary>Extends the lease.</summary>
    /// <returns>False where another worker has claimed the job since.</returns>
    public async Task<bool> HeartbeatAsync(Job job, CancellationToken cancellation)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellation);
        // The clock is read when it is this one's turn to write: a lease counts from then, however long others took.
        await using var turn = db.IsPostgreSql ? await db.Database.BeginTransactionAsync(cancellation) : null;
        var until = await NowAsync(db, cancellation) + _options.Value.Lease;
        var isHeld = await Held(db, job).ExecuteUpdateAsync(s => s.SetProperty(j => j.LeaseUntil, until), cancellation) == 1;
        if (turn is not null)
        {
            await turn.CommitAsync(cancellation);
        }

        return isHeld;
    }

    /// <summary>Stores the result and the job's end in one transaction, if the claim still stands.</summary>
    /// <param name="store">Adds the result to the context; must not save.</param>
    /// <returns>False, and nothing stored, where another worker has claimed the job since.</returns>
    public Task<bool> CompleteAsync(Job job, Func<CovidCxrDbContext, Task> store, CancellationToken cancellation) =>
        EndAsync(job, JobState.Succeeded, error: null, store, cancellation);

    /// <summary>Puts the job back with a growing delay, or ends it where its attempts are used up.</summary>
    /// <param name="error">Without a patient's data.</param>
    /// <param name="giveUp">Stores what follows from giving up; must not save.</param>
    public async Task FailAsync(Job job, string error, Func<CovidCxrDbContext, Task> giveUp, CancellationToken cancellation)
    {
        if (job.Attempt >= job.MaxAttempts)
        {
            await EndAsync(job, JobState.Failed, error, giveUp, cancellation);
            return;
        }

        await using var db = await _contexts.CreateDbContextAsync(cancellation);
        var retryAt = await NowAsync(db, cancellation)
            + (_options.Value.RetryDelay * Math.Min(Math.Pow(2, job.Attempt - 1), LongestRetryDelay / _options.Value.RetryDelay));
        await Held(db, job).ExecuteUpdateAsync(
            s => s.SetProperty(j => j.State, JobState.Queued).SetProperty(j => j.NotBefore, retryAt).SetProperty(j => j.Error, error),
            cancellation);
    }

    /// <summary>Puts a job back as if it had not been claimed, for a worker that was told to stop.</summary>
    public async Task ReleaseAsync(Job job)
    {
        await using var db = await _contexts.CreateDbContextAsync();
        await Held(db, job)
            .ExecuteUpdateAsync(s => s.SetProperty(j => j.State, JobState.Queued).SetProperty(j => j.Attempt, j => j.Attempt - 1));
    }

    /// <summary>Jobs of a kind whose worker died in their last attempt: nobody may claim them again.</summary>
    public async Task<IReadOnlyList<Job>> AbandonedAsync(string kind, CancellationToken cancellation)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellation);
        var now = await NowAsync(db, cancellation);
        return await db.Jobs.AsNoTracking().Where(
            j => j.Kind == kind && j.State == JobState.Running && j.LeaseUntil < now && j.Attempt >= j.MaxAttempts)
            .ToListAsync(cancellation);
    }

    public void Dispose()
    {
        foreach (var arrival in _arrivals.Values)
        {
            arrival.Dispose();
        }
    }

    /// <summary>
    /// On PostgreSQL the server's clock: machines of several programs differ, and a lease that lapses early is work done twice. Who
    /// brings a clock, as tests do, has that.
    /// </summary>
    async Task<DateTimeOffset> NowAsync(CovidCxrDbContext db, CancellationToken cancellation) =>
        db.IsPostgreSql && _time == TimeProvider.System
            ? DateTimeOffset.UnixEpoch.AddTicks((await db.Database
                .SqlQuery<long>($"SELECT (extract(epoch FROM clock_timestamp()) * 10000000)::bigint AS \"Value\"")
                .ToListAsync(cancellation))[0])
            : _time.GetUtcNow();

    SemaphoreSlim Arrivals(string kind) => _arrivals.GetOrAdd(kind, _ => new SemaphoreSlim(0));

    async Task<bool> EndAsync(Job job, JobState state, string? error, Func<CovidCxrDbContext, Task> store, CancellationToken cancellation)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var now = _time.GetUtcNow();
        var ended = await Held(db, job).ExecuteUpdateAsync(
            s => s.SetProperty(j => j.State, state).SetProperty(j => j.FinishedAt, now).SetProperty(j => j.Error, error), cancellation);
        if (ended == 0)
        {
            return false;
        }

        await store(db);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    static IQueryable<Job> Held(CovidCxrDbContext db, Job job) =>
        db.Jobs.Where(j => j.Id == job.Id && j.Fence == job.Fence && j.State == JobState.Running);
}

using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Jobs;
using CovidCxr.Platform.Jobs;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.Tests.Jobs;

public sealed class JobQueueTests : IDisposable
{
    static readonly JobOptions Options = new() { Lease = TimeSpan.FromSeconds(30), RetryDelay = TimeSpan.FromSeconds(2), MaxAttempts = 3 };

    readonly CommandLog _commands = new();
    readonly TestFolder _folder;
    readonly ManualTime _time = new();
    readonly JobQueue _queue;

    public JobQueueTests()
    {
        _folder = new(isMigrated: true, _commands);
        _queue = new(_folder, Microsoft.Extensions.Options.Options.Create(Options), _time);
    }

    const string Kind = "test";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _queue.Dispose();
        _folder.Dispose();
    }

    async Task EnqueueAsync(int count)
    {
        await using var db = _folder.CreateDbContext();
        for (var i = 0; i < count; i++)
        {
            _queue.AddTo(db, Kind, $"{i}");
        }

        await db.SaveChangesAsync(Cancellation);
    }

    async Task<Job> ClaimedAsync() => Assert.IsType<Job>(await _queue.ClaimAsync(Kind, "me", Cancellation));

    async Task<Job> RowAsync()
    {
        await using var db = _folder.CreateDbContext();
        return await db.Jobs.AsNoTracking().SingleAsync(Cancellation);
    }

    async Task<List<string?>> ResultsAsync()
    {
        await using var db = _folder.CreateDbContext();
        return await db.Audit.Select(a => a.Detail).ToListAsync(Cancellation);
    }

    static Func<CovidCxrDbContext, Task> Result(string detail) => db =>
    {
        db.Audit.Add(new AuditEntry { Detail = detail });
        return Task.CompletedTask;
    };

    [Fact]
    public async Task ClaimAsync_FourWorkers_TakeEachJobOnce()
    {
        await EnqueueAsync(40);

        var claimed = await Task.WhenAll(Enumerable.Range(0, 4).Select(w => Task.Run(
            async () =>
            {
                var mine = new List<long>();
                while (await _queue.ClaimAsync(Kind, $"{w}", Cancellation) is { } job)
                {
                    mine.Add(job.Id);
                }

                return mine;
            },
            Cancellation)));

        Assert.Equal(Enumerable.Range(1, 40).Select(i => (long)i), claimed.SelectMany(c => c).Order());
    }

    [Fact]
    public async Task ClaimAsync_InOrder_IsTheOldestWithItsLease()
    {
        await EnqueueAsync(2);

        var job = await ClaimedAsync();

        Assert.Equal((1L, "0", JobState.Running, 1, 1L, "me"), (job.Id, job.Payload, job.State, job.Attempt, job.Fence, job.LeaseOwner));
        Assert.Equal(_time.GetUtcNow() + Options.Lease, job.LeaseUntil);
    }

    [Fact]
    public async Task ClaimAsync_WhileLeased_IsNothingUntilTheLeaseHasRunOut()
    {
        await EnqueueAsync(1);
        await ClaimedAsync();
        _time.Advance(Options.Lease);
        Assert.Null(await _queue.ClaimAsync(Kind, "next", Cancellation));

        _time.Advance(TimeSpan.FromTicks(1));

        var again = await _queue.ClaimAsync(Kind, "next", Cancellation);
        Assert.Equal((2, 2L, "next"), (again!.Attempt, again.Fence, again.LeaseOwner));
    }

    [Fact]
    public async Task HeartbeatAsync_BeforeTheLeaseRunsOut_KeepsTheJob()
    {
        await EnqueueAsync(1);
        var job = await ClaimedAsync();
        _time.Advance(Options.Lease / 2);

        Assert.True(await _queue.HeartbeatAsync(job, Cancellation));

        _time.Advance(Options.Lease * 0.9);
        Assert.Null(await _queue.ClaimAsync(Kind, "next", Cancellation));
    }

    [Fact]
    public async Task EveryDeed_OfAWorkerThoughtDead_ChangesNothing()
    {
        await EnqueueAsync(1);
        var old = await ClaimedAsync();
        _time.Advance(Options.Lease * 2);
        var current = await ClaimedAsync();

        Assert.False(await _queue.HeartbeatAsync(old, Cancellation));
        Assert.False(await _queue.CompleteAsync(old, Result("old"), Cancellation));
        await _queue.FailAsync(old, "old", Result("old"), Cancellation);
        await _queue.ReleaseAsync(old);

        Assert.Equal((JobState.Running, 2L, null), ((await RowAsync()).State, (await RowAsync()).Fence, (await RowAsync()).Error));
        Assert.True(await _queue.CompleteAsync(current, Result("new"), Cancellation));
        Assert.False(await _queue.CompleteAsync(current, Result("twice"), Cancellation));
        Assert.Equal(["new"], await ResultsAsync());
    }

    [Fact]
    public async Task CompleteAsync_StoreThrows_LeavesJobAndResultAsTheyWere()
    {
        await EnqueueAsync(1);
        var job = await ClaimedAsync();

        await Assert.ThrowsAsync<InvalidDataException>(() => _queue.CompleteAsync(
            job,
            async db =>
            {
                await Result("half")(db);
                throw new InvalidDataException();
            },
            Cancellation));

        Assert.Equal(JobState.Running, (await RowAsync()).State);
        Assert.Empty(await ResultsAsync());
    }

    [Fact]
    public async Task FailAsync_TimeAfterTime_WaitsLongerAndThenGivesUpOnce()
    {
        await EnqueueAsync(1);
        for (var attempt = 1; attempt < Options.MaxAttempts; attempt++)
        {
            await _queue.FailAsync(await ClaimedAsync(), "IOException", Result("given up"), Cancellation);
            var delay = Options.RetryDelay * Math.Pow(2, attempt - 1);
            _time.Advance(delay - TimeSpan.FromTicks(1));
            Assert.Null(await _queue.ClaimAsync(Kind, "me", Cancellation));
            _time.Advance(TimeSpan.FromTicks(1));
        }

        Assert.Empty(await ResultsAsync());
        await _queue.FailAsync(await ClaimedAsync(), "IOException", Result("given up"), Cancellation);

        var row = await RowAsync();
        Assert.Equal((JobState.Failed, 3, "IOException", _time.GetUtcNow()), (row.State, row.Attempt, row.Error, row.FinishedAt!.Value));
        Assert.Equal(["given up"], await ResultsAsync());
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Null(await _queue.ClaimAsync(Kind, "me", Cancellation));
    }

    [Fact]
    public async Task FailAsync_OfManyAttempts_NeverWaitsLongerThanTheCeiling()
    {
        const int Attempts = 60;
        await using (var db = _folder.CreateDbContext())
        {
            _queue.AddTo(db, Kind, "1", Attempts);
            await db.SaveChangesAsync(Cancellation);
        }

        for (var attempt = 1; attempt < Attempts; attempt++)
        {
            await _queue.FailAsync(await ClaimedAsync(), "IOException", Result("given up"), Cancellation);
            Assert.InRange((await RowAsync()).NotBefore - _time.GetUtcNow(), TimeSpan.Zero, JobQueue.LongestRetryDelay);
            _time.Advance(JobQueue.LongestRetryDelay);
        }

        await _queue.FailAsync(await ClaimedAsync(), "IOException", Result("given up"), Cancellation);
        Assert.Equal(["given up"], await ResultsAsync());
    }

    [Fact]
    public async Task AbandonedAsync_WorkerDiedInTheLastAttempt_FindsIt()
    {
        await EnqueueAsync(1);
        for (var attempt = 0; attempt < Options.MaxAttempts; attempt++)
        {
            Assert.Empty(await _queue.AbandonedAsync(Kind, Cancellation));
            await ClaimedAsync();
            _time.Advance(Options.Lease * 2);
        }

        Assert.Null(await _queue.ClaimAsync(Kind, "me", Cancellation));
        var abandoned = Assert.Single(await _queue.AbandonedAsync(Kind, Cancellation));
        await _queue.FailAsync(abandoned, "died", Result("given up"), Cancellation);
        await _queue.FailAsync(abandoned, "died", Result("given up"), Cancellation);

        Assert.Equal(["given up"], await ResultsAsync());
        Assert.Empty(await _queue.AbandonedAsync(Kind, Cancellation));
    }

    [Fact]
    public async Task ReleaseAsync_OfARunningJob_CostsNoAttempt()
    {
        await EnqueueAsync(1);
        await _queue.ReleaseAsync(await ClaimedAsync());

        var again = await ClaimedAsync();

        Assert.Equal((1, 2L), (again.Attempt, again.Fence));
    }

    [Fact]
    public async Task WaitAsync_Woken_ReturnsBeforeTheInterval()
    {
        using var patient = new JobQueue(
            _folder, Microsoft.Extensions.Options.Options.Create(new JobOptions { PollInterval = TimeSpan.FromHours(1) }), _time);
        var waiting = patient.WaitAsync(Kind, Cancellation);
        Assert.False(waiting.IsCompleted);

        patient.Wake(Kind);

        await waiting.WaitAsync(TimeSpan.FromMinutes(1), Cancellation);
    }

    [Fact]
    public async Task ClaimAndAbandoned_AmongAllThatEverRan_LookAtLiveJobsAlone()
    {
        Assert.SkipWhen(_folder.IsPostgreSql, "It reads SQLite's plans.");
        await EnqueueAsync(1);
        _commands.Clear();
        await ClaimedAsync();
        await _queue.AbandonedAsync(Kind, Cancellation);

        var plans = _commands.Explain(_folder.Data.Database);

        Assert.Equal(2, plans.Count);
        Assert.All(plans, p => Assert.DoesNotContain(p.Plan, line => line.StartsWith("SCAN", StringComparison.Ordinal)));
        Assert.All(plans, p => Assert.Contains(p.Plan, line => line.Contains("IX_Jobs_State_NotBefore", StringComparison.Ordinal)));
    }
}

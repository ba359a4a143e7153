using System.Collections.Concurrent;
using System.Diagnostics;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Jobs;
using CovidCxr.Platform.Jobs;
using CovidCxr.Platform.Nodes;
using CovidCxr.Platform.Telemetry;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Platform.Tests.Jobs;

/// <summary>The worker's loop with a handler that does as it is told.</summary>
public sealed class JobWorkerTests : IDisposable
{
    const string Patient = "PAT-0815-SECRET";

    static readonly JobOptions Options = new()
    {
        Lease = TimeSpan.FromSeconds(5),
        PollInterval = TimeSpan.FromMilliseconds(20),
        RetryDelay = TimeSpan.FromMilliseconds(10),
        MaxAttempts = 3,
        Workers = 2,
    };

    readonly TestFolder _folder = new();
    readonly LogCapture _logs = new();
    readonly Handler _handler = new();
    readonly ServiceCollection _handlers = new();
    readonly JobQueue _queue;

    public JobWorkerTests()
    {
        _queue = new(_folder, Microsoft.Extensions.Options.Options.Create(Options), TimeProvider.System);
        _handlers.AddSingleton<IJobHandler>(_handler);
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _queue.Dispose();
        _logs.Dispose();
        _folder.Dispose();
    }

    sealed class Handler : IJobHandler
    {
        public string Kind => "test";

        public bool CanRun { get; set; } = true;

        public Func<Job, CancellationToken, Task> Work { get; set; } = (_, _) => Task.CompletedTask;

        public Func<Task> GiveUp { get; set; } = () => Task.CompletedTask;

        public int Runs;

        public async Task<Func<CovidCxrDbContext, Task>> RunAsync(Job job, CancellationToken cancellation)
        {
            Interlocked.Increment(ref Runs);
            await Work(job, cancellation);
            return db => AddAsync(db, $"done {job.Payload}");
        }

        public async Task GiveUpAsync(CovidCxrDbContext db, Job job)
        {
            await GiveUp();
            await AddAsync(db, $"given up {job.Payload}");
        }

        public void Ended(Job job)
        {
        }

        static Task AddAsync(CovidCxrDbContext db, string detail)
        {
            db.Audit.Add(new AuditEntry { Detail = detail });
            return Task.CompletedTask;
        }
    }

    async Task EnqueueAsync(string kind, params string[] payloads)
    {
        await using var db = _folder.CreateDbContext();
        foreach (var payload in payloads)
        {
            _queue.AddTo(db, kind, payload);
        }

        await db.SaveChangesAsync(Cancellation);
        _queue.Wake("test");
    }

    async Task<List<Job>> JobsAsync()
    {
        await using var db = _folder.CreateDbContext();
        return await db.Jobs.AsNoTracking().OrderBy(j => j.Id).ToListAsync(Cancellation);
    }

    async Task<List<string?>> ResultsAsync()
    {
        await using var db = _folder.CreateDbContext();
        return await db.Audit.OrderBy(a => a.Detail).Select(a => a.Detail).ToListAsync(Cancellation);
    }

    async Task RunUntilAsync(Func<List<Job>, bool> isEnough, NodeRoles roles = NodeRoles.All)
    {
        using var factory = LoggerFactory.Create(b => b.AddProvider(_logs));
        await using var services = _handlers.BuildServiceProvider(validateScopes: true);
        using var worker = new JobWorker(
            _queue, services.GetRequiredService<IServiceScopeFactory>(), Node(roles),
            Microsoft.Extensions.Options.Options.Create(Options), TimeProvider.System, factory.CreateLogger<JobWorker>());
        await worker.StartAsync(Cancellation);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        late.CancelAfter(TimeSpan.FromMinutes(5));
        while (!isEnough(await JobsAsync()))
        {
            await Task.Delay(10, late.Token);
        }

        await worker.StopAsync(Cancellation);
    }

    static ThisNode Node(NodeRoles roles, StorageProvider provider = StorageProvider.Sqlite) => new(
        Microsoft.Extensions.Options.Options.Create(new NodeOptions { Roles = roles }),
        Microsoft.Extensions.Options.Options.Create(new StorageOptions { Provider = provider }));

    static bool HaveEnded(List<Job> jobs) => jobs.All(j => j.State is JobState.Succeeded or JobState.Failed);

    [Fact]
    public async Task Worker_ManyJobs_DoesEachOnce()
    {
        await EnqueueAsync("test", [.. Enumerable.Range(10, 20).Select(i => $"{i}")]);

        await RunUntilAsync(HaveEnded);

        Assert.Equal(Enumerable.Range(10, 20).Select(i => $"done {i}"), await ResultsAsync());
        Assert.Equal(20, _handler.Runs);
    }

    [Fact]
    public async Task Worker_OfAnotherRole_LeavesTheJobToOthersAlsoAfterItsLastAttempt()
    {
        await EnqueueAsync("test", "theirs", "abandoned");
        await using (var db = _folder.CreateDbContext())
        {
            await db.Jobs.Where(j => j.Payload == "abandoned").ExecuteUpdateAsync(
                s => s.SetProperty(j => j.State, JobState.Running).SetProperty(j => j.Attempt, Options.MaxAttempts)
                    .SetProperty(j => j.LeaseUntil, TimeProvider.System.GetUtcNow().AddMinutes(-1)),
                Cancellation);
        }

        var looks = 0;
        await RunUntilAsync(_ => ++looks > 20, NodeRoles.Web | NodeRoles.Trainer);

        Assert.Equal(0, _handler.Runs);
        Assert.Equal([JobState.Queued, JobState.Running], (await JobsAsync()).Select(j => j.State));
        await RunUntilAsync(HaveEnded, NodeRoles.Worker);
        Assert.Equal(["done theirs", "given up abandoned"], await ResultsAsync());
    }

    [Fact]
    public async Task Worker_DatabaseNotHeardOfForMostOfALease_LeavesTheWorkBeforeAnotherMayTakeIt()
    {
        using var deaf = new DeafFactory(_folder);
        using var queue = new JobQueue(deaf, Microsoft.Extensions.Options.Options.Create(Options), TimeProvider.System);
        var left = new TaskCompletionSource<TimeSpan>();
        _handler.Work = async (_, cancellation) =>
        {
            if (_handler.Runs > 1)
            {
                return;
            }

            deaf.IsDeaf = true;
            var watch = Stopwatch.StartNew();
            await Task.Delay(Timeout.Infinite, cancellation).ContinueWith(_ => { }, TaskScheduler.Default);
            left.SetResult(watch.Elapsed);
            deaf.IsDeaf = false;
            cancellation.ThrowIfCancellationRequested();
        };
        await EnqueueAsync("test", "long");
        using var factory = LoggerFactory.Create(b => b.AddProvider(_logs));
        await using var services = _handlers.BuildServiceProvider();
        using var worker = new JobWorker(
            queue, services.GetRequiredService<IServiceScopeFactory>(), Node(NodeRoles.All, StorageProvider.PostgreSql),
            Microsoft.Extensions.Options.Options.Create(Options), TimeProvider.System, factory.CreateLogger<JobWorker>());
        await worker.StartAsync(Cancellation);

        Assert.True(await left.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancellation) < Options.Lease);
        while (!HaveEnded(await JobsAsync()))
        {
            await Task.Delay(20, Cancellation);
        }

        await worker.StopAsync(Cancellation);
        Assert.Equal(["done long"], await ResultsAsync());
    }

    /// <summary>A database that is out of reach for a while.</summary>
    sealed class DeafFactory(TestFolder folder) : IDbContextFactory<CovidCxrDbContext>, IDisposable
    {
        public bool IsDeaf { get; set; }

        public CovidCxrDbContext CreateDbContext() => IsDeaf ? throw new TimeoutException() : folder.CreateDbContext();

        public void Dispose() => IsDeaf = true;
    }

    [Fact]
    public async Task Worker_JobOfATracedRequest_GoesOnWithItsTrace()
    {
        ConcurrentQueue<Activity> spans = [];
        using var requests = new ActivitySource($"requests {Guid.NewGuid()}");
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s == requests || s == Instruments.Source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        _handler.Work = (job, _) => job.Attempt == 1 ? throw new IOException(Patient) : Task.CompletedTask;
        await EnqueueAsync("test", "untraced");
        using var request = requests.StartActivity("upload")!;
        await EnqueueAsync("test", "traced");
        Activity.Current = null;

        await RunUntilAsync(HaveEnded);

        Assert.Equal([null, request.Id], (await JobsAsync()).Select(j => j.TraceParent));
        var attempts = spans.Where(s => s.TraceId == request.TraceId && s.OperationName == "job test").ToList();
        Assert.Equal(["failed", "succeeded"], attempts.Select(s => s.GetTagItem("job.outcome")));
        Assert.Equal([1, 2], attempts.Select(s => s.GetTagItem("job.attempt")));
        Assert.All(attempts, s => Assert.Equal(request.SpanId, s.ParentSpanId));
        Assert.All(attempts, s => Assert.DoesNotContain(s.TagObjects, t => $"{t.Value}".Contains(Patient, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Worker_FailureAtFirst_TriesAgain()
    {
        _handler.Work = (job, _) => job.Attempt == 1 ? throw new IOException(Patient) : Task.CompletedTask;
        await EnqueueAsync("test", "a");

        await RunUntilAsync(HaveEnded);

        Assert.Equal(["done a"], await ResultsAsync());
        Assert.Equal(2, _handler.Runs);
    }

    [Fact]
    public async Task Worker_EachAttempt_HasAScopeOfItsOwnThatEndsWithIt()
    {
        List<string> story = [];
        _handlers.Clear();
        _handlers.AddSingleton(story).AddScoped<Held>().AddScoped<IJobHandler, HoldingHandler>();
        await EnqueueAsync("test", "a");

        await RunUntilAsync(HaveEnded);

        Assert.Equal(["held", "given back", "held", "given back"], story);
    }

    /// <summary>What a handler asks its scope for.</summary>
    sealed class Held(List<string> story) : IDisposable
    {
        bool _isUsed;

        public void Use()
        {
            Assert.False(_isUsed);
            _isUsed = true;
            story.Add("held");
        }

        public void Dispose()
        {
            if (_isUsed)
            {
                story.Add("given back");
            }
        }
    }

    /// <summary>Fails at first.</summary>
    sealed class HoldingHandler(Held held) : IJobHandler
    {
        public string Kind => "test";

        public bool CanRun => true;

        public Task<Func<CovidCxrDbContext, Task>> RunAsync(Job job, CancellationToken cancellation)
        {
            held.Use();
            return job.Attempt == 1 ? throw new IOException() : Task.FromResult<Func<CovidCxrDbContext, Task>>(_ => Task.CompletedTask);
        }

        public Task GiveUpAsync(CovidCxrDbContext db, Job job) => Task.CompletedTask;

        public void Ended(Job job)
        {
        }
    }

    [Fact]
    public async Task Worker_PoisonedJob_GivesUpOnceAndQuotesNobody()
    {
        _handler.Work = (job, _) => job.Payload == "poison" ? throw new InvalidDataException($"cannot read {Patient}") : Task.CompletedTask;
        await EnqueueAsync("test", "poison", "good");

        await RunUntilAsync(HaveEnded);

        Assert.Equal(["done good", "given up poison"], await ResultsAsync());
        var poison = (await JobsAsync())[0];
        Assert.Equal((JobState.Failed, 3, "InvalidDataException"), (poison.State, poison.Attempt, poison.Error));
        Assert.Contains(_logs.Lines, l => l.Contains("InvalidDataException", StringComparison.Ordinal));
        Assert.DoesNotContain(_logs.Lines, l => l.Contains(Patient, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Worker_GivingUpFailsToo_EndsTheJobAnyway()
    {
        _handler.Work = (_, _) => throw new InvalidDataException();
        _handler.GiveUp = () => throw new KeyNotFoundException();
        await EnqueueAsync("test", "a");

        await RunUntilAsync(HaveEnded);

        Assert.Equal(JobState.Failed, Assert.Single(await JobsAsync()).State);
    }

    [Fact]
    public async Task Worker_UnknownKind_LeavesItToAnotherProgramAndGoesOn()
    {
        await EnqueueAsync("of a newer program", "x");
        await EnqueueAsync("test", "a");

        await RunUntilAsync(jobs => jobs.Any(j => j.State == JobState.Succeeded));

        Assert.Equal([JobState.Queued, JobState.Succeeded], (await JobsAsync()).Select(j => j.State));
        Assert.Equal(["done a"], await ResultsAsync());
    }

    [Fact]
    public async Task Worker_StoppedInTheMiddle_PutsTheJobBackAtOnce()
    {
        _handler.Work = (_, cancellation) => Task.Delay(Timeout.Infinite, cancellation);
        await EnqueueAsync("test", "a");
        await RunUntilAsync(_ => _handler.Runs == 1);

        var left = Assert.Single(await JobsAsync());
        Assert.Equal((JobState.Queued, 0), (left.State, left.Attempt));
        _handler.Work = (_, _) => Task.CompletedTask;
        await RunUntilAsync(HaveEnded);
        Assert.Equal(["done a"], await ResultsAsync());
    }

    [Fact]
    public async Task Worker_SomethingMissing_WaitsWithoutLosingAttempts()
    {
        _handler.CanRun = false;
        await EnqueueAsync("test", "a");
        var looks = 0;
        await RunUntilAsync(_ => ++looks > 10);
        Assert.Equal((JobState.Queued, 0), ((await JobsAsync())[0].State, (await JobsAsync())[0].Attempt));

        _handler.CanRun = true;
        await RunUntilAsync(HaveEnded);

        Assert.Equal(["done a"], await ResultsAsync());
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Worker_LongJob_KeepsItByItsHeartbeat()
    {
        _handler.Work = (_, cancellation) => Task.Delay(Options.Lease * 1.2, cancellation);
        await EnqueueAsync("test", "a");

        await RunUntilAsync(HaveEnded);

        Assert.Equal(1, _handler.Runs);
        Assert.Equal(["done a"], await ResultsAsync());
    }
}

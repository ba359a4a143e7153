using System.Collections.Concurrent;
using CovidCxr.Domain.Jobs;
using CovidCxr.Platform.Health;
using CovidCxr.Platform.Jobs;
using CovidCxr.Platform.Nodes;
using CovidCxr.Storage.Nodes;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Platform.Tests.Nodes;

/// <summary>Two programs on one database of a server, in one process.</summary>
public sealed class NodesTests : IAsyncDisposable
{
    readonly TestFolder _folder = Folder();
    readonly ServiceProvider _first, _second;

    public NodesTests() => (_first, _second) = (Program("first", "Web, Worker"), Program("second", "Worker"));

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        _folder.Dispose();
    }

    static TestFolder Folder()
    {
        Assert.SkipWhen(PostgreSqlServer.Missing is not null, PostgreSqlServer.Missing ?? "");
        return new(isPostgreSql: true, isMigrated: true);
    }

    ServiceProvider Program(string name, string roles) => TestClinic.Build(
        _folder.Data.Root, TimeProvider.System,
        settings: [.. TestClinic.SettingsOf(_folder.Storage), ("Node:Name", name), ("Node:Roles", roles)]);

    [Fact]
    public async Task Work_OfOne_IsDoneByOneProgramAtATimeAndTakenOverWhenItEnds()
    {
        var (at, most) = (0, 0);
        var begun = new ConcurrentDictionary<string, TaskCompletionSource>();
        async Task WorkAsync(string name, CancellationToken cancellation)
        {
            most = Math.Max(most, Interlocked.Increment(ref at));
            begun.GetOrAdd(name, _ => new()).TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellation).ContinueWith(_ => { }, TaskScheduler.Default);
            Interlocked.Decrement(ref at);
        }

        using var firstStops = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        using var secondStops = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var first = Turns(_first).RunAsync("work", c => WorkAsync("first", c), wait: null, firstStops.Token);
        await begun.GetOrAdd("first", _ => new()).Task.WaitAsync(Cancellation);
        var waited = new TaskCompletionSource();
        var second = Turns(_second).RunAsync("work", c => WorkAsync("second", c), () => waited.TrySetResult(), secondStops.Token);
        await waited.Task.WaitAsync(Cancellation);
        // Another work is nobody's yet, in the same program too.
        Assert.True(await Turns(_second).TryAsync("another", _ => Task.CompletedTask, Cancellation));
        Assert.False(await Turns(_first).TryAsync("work", _ => throw new InvalidOperationException("Taken."), Cancellation));

        await firstStops.CancelAsync();
        await first;
        await begun.GetOrAdd("second", _ => new()).Task.WaitAsync(Cancellation);

        await secondStops.CancelAsync();
        await second;
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task Work_OfAProgramThatIsCutOff_IsCancelledThereAndTakenByAnother()
    {
        var (cutOff, isTaken) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = Turns(_first).TryAsync(
            "work",
            async c =>
            {
                Assert.False(await Turns(_second).TryAsync("work", _ => Task.CompletedTask, Cancellation));
                await CutAllAsync();
                await Task.Delay(Timeout.Infinite, c).ContinueWith(_ => cutOff.SetResult(), TaskScheduler.Default);
                c.ThrowIfCancellationRequested();
            },
            Cancellation);

        await cutOff.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancellation);
        Assert.False(await first);
        await Turns(_second).RunAsync(
            "work",
            _ =>
            {
                isTaken.SetResult();
                return Task.CompletedTask;
            },
            wait: null, Cancellation);
        await isTaken.Task;
        // And again by the first, with another connection.
        Assert.True(await Turns(_first).TryAsync("work", _ => Task.CompletedTask, Cancellation));
    }

    [Fact]
    public async Task News_AreHeardByTheOtherProgramAlone_AndMissedOnesAsAnything()
    {
        ConcurrentQueue<string?> here = [], there = [];
        _first.GetRequiredService<NodeNews>().Listen("topic", here.Enqueue);
        _second.GetRequiredService<NodeNews>().Listen("topic", there.Enqueue);
        await _first.GetRequiredService<NodeNews>().StartAsync(Cancellation);
        await _second.GetRequiredService<NodeNews>().StartAsync(Cancellation);
        await UntilAsync(() => here.Contains(null) && there.Contains(null));

        _first.GetRequiredService<NodeNews>().Tell("topic", "word of mine");
        _first.GetRequiredService<NodeNews>().Tell("other", "nobody listens");
        await UntilAsync(() => there.Contains("word of mine"));
        Assert.Equal([null], here);

        await CutAllAsync();
        await UntilAsync(() => here.Count(w => w is null) >= 2 && there.Count(w => w is null) >= 2);
        _second.GetRequiredService<NodeNews>().Tell("topic", "after");
        await UntilAsync(() => here.Contains("after"));
        Assert.DoesNotContain("word of mine", here);
        await StopAsync<NodeNews>();
    }

    [Fact]
    public async Task Wake_OfAnotherProgram_EndsTheWaitForAJob()
    {
        await _first.GetRequiredService<NodeNews>().StartAsync(Cancellation);
        await _second.GetRequiredService<NodeNews>().StartAsync(Cancellation);
        var waiting = _second.GetRequiredService<JobQueue>();
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        late.CancelAfter(TimeSpan.FromMinutes(1));
        for (var isHeard = false; !isHeard;)
        {
            // It may not listen yet.
            _first.GetRequiredService<JobQueue>().Wake("kind");
            var since = TimeProvider.System.GetTimestamp();
            await waiting.WaitAsync("kind", late.Token);
            isHeard = TimeProvider.System.GetElapsedTime(since) < new JobOptions().PollInterval * 0.9;
        }

        await StopAsync<NodeNews>();
    }

    [Fact]
    public async Task Programs_ThatAreConnected_AreShownWithTheJobsThatTheyHold()
    {
        foreach (var program in new[] { _first, _second })
        {
            await program.GetRequiredService<NodePresence>().ShowAsync(Cancellation);
        }

        var node = _second.GetRequiredService<ThisNode>();
        (node.Serves, node.IsDraining) = (12, true);
        await _second.GetRequiredService<NodePresence>().ShowAsync(Cancellation);
        await using (var db = _folder.CreateDbContext())
        {
            db.Jobs.Add(new Job
            {
                Kind = "kind",
                Payload = "{}",
                State = JobState.Running,
                LeaseOwner = $"second:1:{node.Id}",
                LeaseUntil = TimeProvider.System.GetUtcNow(),
                MaxAttempts = 1,
            });
            await db.SaveChangesAsync(Cancellation);
        }

        var state = await _first.GetRequiredService<GetSystemState>().RunAsync(TestClinic.Admin, Cancellation);

        Assert.Equal(
            [("first", NodeRoles.Web | NodeRoles.Worker, (int?)null, false, true, 0), ("second", NodeRoles.Worker, 12, true, false, 1)],
            state.Programs.Select(p => (p.Node.Name, p.Node.Roles, p.Node.Serves, p.Node.IsDraining, p.Node.IsThis, p.Jobs)).Order());
        Assert.Equal([("kind", 0, 1)], state.Queue.Select(q => (q.Kind, q.Waiting, q.Running)));
        await _second.GetRequiredService<NodeConnection>().DisposeAsync();
        await UntilAsync(() => Shown().Count == 1);
        Assert.Equal("first", Shown().Single().Name);
    }

    IReadOnlyList<NodeView> Shown()
    {
        using var db = _folder.CreateDbContext();
        return NodePresence.ListAsync(db, _first.GetRequiredService<ThisNode>(), Cancellation).GetAwaiter().GetResult();
    }

    static OneAtWork Turns(ServiceProvider program) => program.GetRequiredService<OneAtWork>();

    async Task StopAsync<T>()
        where T : Microsoft.Extensions.Hosting.IHostedService
    {
        await _first.GetRequiredService<T>().StopAsync(Cancellation);
        await _second.GetRequiredService<T>().StopAsync(Cancellation);
    }

    /// <summary>As a restart of the server does.</summary>
    async Task CutAllAsync()
    {
        await using var db = _folder.CreateDbContext();
        await db.Database.ExecuteSqlAsync(
            $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
            Cancellation);
    }

    static async Task UntilAsync(Func<bool> isSo)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        late.CancelAfter(TimeSpan.FromMinutes(1));
        while (!isSo())
        {
            await Task.Delay(20, late.Token);
        }
    }
}

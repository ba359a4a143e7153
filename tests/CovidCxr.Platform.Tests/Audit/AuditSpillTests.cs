using System.Security.Claims;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Accounts;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CovidCxr.Platform.Tests.Audit;

/// <summary>While the disk is full people sign in and out, and what they do is recorded all the same.</summary>
public sealed class AuditSpillTests : IAsyncDisposable
{
    readonly FullDisk _disk = new();
    readonly TestFolder _folder;
    readonly ManualTime _time = new();
    readonly LogCapture _logs = new();
    readonly ServiceProvider _program;

    public AuditSpillTests()
    {
        _folder = new(isMigrated: true, _disk);
        _program = Program();
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    AuditSpill Spill => _program.GetRequiredService<AuditSpill>();

    string Place => Path.Combine(_folder.Data.Root, "audit.spill");

    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        _folder.Dispose();
    }

    ServiceProvider Program() => TestClinic.Build(
        _folder.Data.Root, _time, logs: _logs, more: s => s.AddSingleton<IDbContextFactory<CovidCxrDbContext>>(_folder));

    async Task PrepareAsync()
    {
        await Spill.PrepareAsync(Cancellation);
        await RecordAsync("before");
        _disk.IsFull = true;
    }

    Task RecordAsync(string detail)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return _program.GetRequiredService<AuditLog>().RecordAsync(
            TestClinic.Reader with { Source = "10.0.0.7" }, AuditAction.SignIn, AuditOutcome.Succeeded, detail: detail);
    }

    async Task<List<AuditEntry>> DrainAsync()
    {
        _disk.IsFull = false;
        _time.Advance(TimeSpan.FromHours(1));
        await _program.GetRequiredService<AuditSpill>().DrainAsync(Cancellation);
        await _program.GetRequiredService<AuditTrail>().SealAsync(Cancellation);
        await using var db = _folder.CreateDbContext();
        return await db.Audit.AsNoTracking().OrderBy(a => a.Id).ToListAsync(Cancellation);
    }

    Task<AuditReport> VerifyAsync() => _program.GetRequiredService<AuditTrail>().VerifyAsync(Cancellation);

    [Fact]
    public async Task Entries_OfAFullDisk_ComeIntoTheTrailWithTheirTime_AndAreMarked()
    {
        await PrepareAsync();
        await RecordAsync("one");
        var at = _time.GetUtcNow();
        await RecordAsync("two");
        var watch = _program.GetRequiredService<AuditWatch>();
        var health = await new AuditHealth(watch, Spill).CheckHealthAsync(new(), Cancellation);
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Contains("2 entries wait", health.Description, StringComparison.Ordinal);
        Assert.Contains(_logs.Lines, l => l.Contains("Is the disk full?", StringComparison.Ordinal));
        Assert.True((await VerifyAsync()).IsWhole);

        var trail = await DrainAsync();

        Assert.Equal("before False, one True, two True", string.Join(", ", trail.Select(a => $"{a.Detail} {a.IsSpilled}")));
        Assert.Equal((at, "10.0.0.7"), (trail[1].At, trail[1].Source));
        Assert.True((await VerifyAsync()) is { IsWhole: true, Sealed: 3 });
        Assert.Equal(HealthStatus.Healthy, (await new AuditHealth(watch, Spill).CheckHealthAsync(new(), Cancellation)).Status);
        Assert.Equal(3, (await DrainAsync()).Count);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task FullSpill_KeepsTheOldest_AndTheCountOfTheLostIsRecorded()
    {
        await PrepareAsync();
        var (detail, kept) = (new string('x', 400), 0);
        while (Spill.Known.Lost < 3)
        {
            await RecordAsync(detail + kept++);
        }

        var trail = await DrainAsync();

        Assert.Equal(kept - 3, trail.Count(a => a.IsSpilled));
        Assert.Equal(detail + "0", trail[1].Detail);
        Assert.Equal(AuditSpill.Bytes, new FileInfo(Place).Length);
        Assert.Equal("3 entries were lost", trail.Single(a => a.Action == AuditAction.AuditSpill).Detail);
        Assert.True((await VerifyAsync()).IsWhole);
    }

    [Fact]
    public async Task Restart_WithAFullSpill_DrainsIt_AndAKillAmidTheDrainingDoublesNothing()
    {
        await PrepareAsync();
        await RecordAsync("one");
        await using var next = Program();
        var waiting = await File.ReadAllBytesAsync(Place, Cancellation);
        _disk.IsFull = false;
        await next.GetRequiredService<AuditSpill>().DrainAsync(Cancellation);
        // As if it had been killed before it emptied the file.
        await File.WriteAllBytesAsync(Place, waiting, Cancellation);

        Assert.Equal("before, one", string.Join(", ", (await DrainAsync()).Select(a => a.Detail)));
    }

    [Fact]
    public async Task EveryAlterationOfTheSpill_IsFound_AndRecordedWhenItIsDrained()
    {
        await PrepareAsync();
        for (var i = 0; i < 3; i++)
        {
            await RecordAsync($"Detail {i}");
        }

        var bytes = await File.ReadAllBytesAsync(Place, Cancellation);
        var end = Array.FindLastIndex(bytes, b => b != 0);
        // Every seventh byte of the records.
        for (var at = 1024; at <= end; at += 7)
        {
            bytes[at] ^= 1;
            await File.WriteAllBytesAsync(Place, bytes, Cancellation);
            Assert.False((await VerifyAsync()).IsWhole, $"Not found: byte {at}");
            bytes[at] ^= 1;
        }

        await File.WriteAllBytesAsync(Place, bytes, Cancellation);
        Assert.True((await VerifyAsync()).IsWhole);
        // What is behind the end was never acknowledged: a kill amid the writing.
        bytes[end + 100] = 7;
        await File.WriteAllBytesAsync(Place, bytes, Cancellation);
        Assert.True((await VerifyAsync()).IsWhole);
        bytes[end - 1] ^= 1;
        await File.WriteAllBytesAsync(Place, bytes, Cancellation);
        Assert.Contains(
            await DrainAsync(), a => a.Action == AuditAction.AuditSpill && a.Detail!.EndsWith("altered", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SpillThatWasTakenAway_IsFound()
    {
        await PrepareAsync();
        await RecordAsync("one");
        File.Delete(Place);

        Assert.Contains((await VerifyAsync()).Findings, f => f.Contains("audit.spill", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false, false, "1 entries were lost, and the file was taken away")]
    [InlineData(false, true, "1 entries were lost, and the file was taken away")]
    [InlineData(true, false, "1 entries were lost, and the file was taken away")]
    public async Task SpillThatWasTakenAwayOrPutBack_IsRecordedByTheNextDraining(bool isPutBack, bool isWrittenAfter, string detail)
    {
        await PrepareAsync();
        var empty = await File.ReadAllBytesAsync(Place, Cancellation);
        await RecordAsync("one");
        File.Delete(Place);
        if (isPutBack)
        {
            await File.WriteAllBytesAsync(Place, empty, Cancellation);
        }

        if (isWrittenAfter)
        {
            await RecordAsync("two");
        }

        var trail = await DrainAsync();

        Assert.Equal(detail, Assert.Single(trail, a => a.Action == AuditAction.AuditSpill).Detail);
        Assert.Equal(isWrittenAfter, trail.Any(a => a.Detail == "two"));
        Assert.Equal((0, 0), Spill.Known);
        Assert.Equal(trail.Count, (await DrainAsync()).Count);
        Assert.True((await VerifyAsync()).IsWhole);
    }

    [Fact]
    public async Task EmptySpill_ThatWasTakenAway_IsRecordedAndMadeAnew()
    {
        await Spill.PrepareAsync(Cancellation);
        File.Delete(Place);

        Assert.EndsWith("the file was taken away", Assert.Single(await DrainAsync()).Detail, StringComparison.Ordinal);
        Assert.Equal(AuditSpill.Bytes, new FileInfo(Place).Length);
    }

    [Fact]
    public async Task Room_ThatWasNotThere_IsTakenLater()
    {
        Directory.CreateDirectory(Place);
        await Spill.PrepareAsync(Cancellation);
        await Spill.PrepareAsync(Cancellation);
        Assert.Single(_logs.Lines, l => l.Contains("no room for the audit trail's spill", StringComparison.Ordinal));
        Directory.Delete(Place);

        await Spill.PrepareAsync(Cancellation);

        Assert.Equal(AuditSpill.Bytes, new FileInfo(Place).Length);
    }

    [Fact]
    public async Task FullDisk_BeforeTheRoomIsTaken_LeavesTheFileToOthers()
    {
        const string full = "/dev/full";
        Assert.SkipUnless(File.Exists(full), "No device here that is always full.");
        File.CreateSymbolicLink(Place, full);

        await Spill.PrepareAsync(Cancellation);

        Assert.Single(_logs.Lines, l => l.Contains("no room for the audit trail's spill", StringComparison.Ordinal));
        using (File.OpenHandle(Place, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            File.Delete(Place);
        }

        await Spill.PrepareAsync(Cancellation);
        Assert.Equal(AuditSpill.Bytes, new FileInfo(Place).Length);
    }

    [Fact]
    public async Task Session_ThatBeginsOnAFullDisk_Holds_IsWrittenLater_AndEnds()
    {
        await using (var db = _folder.CreateDbContext())
        {
            db.AddPeople(TestClinic.Reader);
            await db.SaveChangesAsync(Cancellation);
        }

        var sessions = _program.GetRequiredService<Sessions>();
        var person = Person();
        var leaving = Person();
        _disk.IsFull = true;
        await sessions.BeginAsync(person, null, "10.0.0.7", "browser");
        await sessions.BeginAsync(leaving, null, "10.0.0.7", "browser");
        Assert.True(await sessions.TouchAsync(person));
        Assert.True(await sessions.IsOpenAsync(person, Cancellation));
        await sessions.EndAsync(leaving);
        Assert.False(await sessions.TouchAsync(leaving));

        _disk.IsFull = false;
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(await sessions.TouchAsync(person));

        await using var after = _folder.CreateDbContext();
        Assert.Equal(1, await after.AccountSessions.CountAsync(Cancellation));
        Assert.True(await Program().GetRequiredService<Sessions>().IsOpenAsync(person, Cancellation));
        await sessions.EndAsync(person);
        Assert.False(await sessions.TouchAsync(person));

        static ClaimsPrincipal Person() =>
            new(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, $"{TestClinic.Reader.UserId}")], "test"));
    }
}

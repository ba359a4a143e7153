using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Platform.Tests.Audit;

/// <summary>Views are written beside the request, soon, all of them, and once a minute where a page asks again and again.</summary>
public sealed class ViewLogTests : IAsyncDisposable
{
    readonly FullDisk _disk = new();
    readonly TestFolder _folder;
    readonly ManualTime _time = new();
    readonly ServiceProvider _program;

    public ViewLogTests()
    {
        _folder = new(isMigrated: true, _disk);
        _program = TestClinic.Build(
            _folder.Data.Root, _time, more: s => s.AddSingleton<IDbContextFactory<CovidCxrDbContext>>(_folder));
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    ViewLog Views => _program.GetRequiredService<ViewLog>();

    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        _folder.Dispose();
    }

    async Task<List<AuditEntry>> RowsAsync()
    {
        await using var db = _folder.CreateDbContext();
        return await db.Audit.AsNoTracking().OrderBy(a => a.Id).ToListAsync(Cancellation);
    }

    [Fact]
    public async Task Views_OfAList_AreOneEntryAMinuteForAPersonAndList()
    {
        for (var i = 0; i < 90; i++)
        {
            await Views.NoteOnceAMinuteAsync(TestClinic.Reader with { Source = "10.0.0.7" }, AuditAction.ListView, null, "worklist");
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        await Views.NoteOnceAMinuteAsync(TestClinic.OtherReader, AuditAction.ListView, null, "worklist");
        await Views.NoteOnceAMinuteAsync(TestClinic.OtherReader, AuditAction.ListView, null, "cases");

        Assert.Equal(
            "reader worklist 10.0.0.7, reader worklist 10.0.0.7, other worklist , other cases ",
            string.Join(", ", (await RowsAsync()).Select(a => $"{a.UserName} {a.Detail} {a.Source}")));
    }

    [Fact]
    public async Task Views_WhileTheProgramRuns_AreWrittenWithinASecond_AndAtTheEndAll()
    {
        await Views.StartAsync(Cancellation);
        await Views.NoteAsync(TestClinic.Reader, AuditAction.StudyView, TestClinic.Numbered(9));
        var soon = TimeProvider.System.GetTimestamp();
        while ((await RowsAsync()).Count < 1)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(soon) < TimeSpan.FromSeconds(1), "Not within a second.");
            await Task.Delay(10, Cancellation);
        }

        for (var i = 0; i < 250; i++)
        {
            await Views.NoteAsync(TestClinic.Reader, AuditAction.StudyView, TestClinic.Numbered(i));
        }

        await Views.StopAsync(Cancellation);
        Assert.Equal(251, (await RowsAsync()).Count);
        Assert.True((await _program.GetRequiredService<AuditTrail>().VerifyAsync(Cancellation)).IsWhole);
    }

    [Fact]
    public async Task Views_OnAFullDisk_AreShown_AndWaitInTheSpill()
    {
        await Views.StartAsync(Cancellation);
        _disk.IsFull = true;
        await Views.NoteAsync(TestClinic.Reader, AuditAction.StudyView, TestClinic.Numbered(9));
        await Views.StopAsync(Cancellation);
        Assert.Equal(1, _program.GetRequiredService<AuditSpill>().Known.Waiting);

        _disk.IsFull = false;
        await _program.GetRequiredService<AuditSpill>().DrainAsync(Cancellation);
        Assert.True(Assert.Single(await RowsAsync()).IsSpilled);
    }

    [Theory]
    [InlineData("Source")]
    [InlineData("Before")]
    [InlineData("After")]
    public async Task Fields_OfAnEntry_AreUnderItsStamp(string column)
    {
        var log = _program.GetRequiredService<AuditLog>();
        await log.RecordAsync(
            TestClinic.Reader with { Source = "10.0.0.7" }, AuditAction.AccountChange, AuditOutcome.Succeeded, before: "a", after: "b");
        await log.RecordAsync(TestClinic.Reader, AuditAction.AccountChange, AuditOutcome.Succeeded);
        var trail = _program.GetRequiredService<AuditTrail>();
        await trail.SealAsync(Cancellation);
        Assert.True((await trail.VerifyAsync(Cancellation)).IsWhole);
        await using var db = _folder.CreateDbContext();

        foreach (var value in new[] { "NULL", "'x'" })
        {
            await using var transaction = await db.Database.BeginTransactionAsync(Cancellation);
            var sql = $"UPDATE Audit SET {column} = {value}";
            await db.ExecutePlainAsync(sql, Cancellation);
            Assert.False((await trail.VerifyAsync(db, Cancellation)).IsWhole);
        }
    }
}

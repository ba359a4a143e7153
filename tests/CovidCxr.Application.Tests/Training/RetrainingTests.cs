using CovidCxr.Application.Accounts;
using CovidCxr.Application.Audit;
using CovidCxr.Application.Jobs;
using CovidCxr.Application.Training;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Jobs;
using CovidCxr.Domain.Training;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CovidCxr.Application.Tests.Training;

/// <summary>Starting and steering runs, on a real database.</summary>
public sealed class RetrainingTests : IDisposable
{
    static readonly Actor Admin = new(Guid.NewGuid(), "admin", new HashSet<string> { Role.Admin });

    readonly TestFolder folder = new();
    readonly ManualTime time = new();
    readonly RetrainingRoot root;
    readonly JobQueue queue;
    readonly StartRetraining start;
    readonly ControlRetraining control;

    public RetrainingTests()
    {
        root = new(folder.Data, Options.Create(new RetrainingOptions()));
        queue = new(folder, Options.Create(new JobOptions()), time);
        var audit = new AuditLog(folder, time);
        start = new(folder, queue, root, audit, time);
        control = new(folder, queue, audit);
        FilmFolders.WriteClasses(root.Path, "films", ("COVID-19", 2), ("Normal", 2));
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        queue.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Start_WithAGoodForm_QueuesTheRunAndRecordsIt()
    {
        var id = await StartAsync();

        await using var db = folder.CreateDbContext();
        var run = await db.RetrainingRuns.SingleAsync(Cancellation);
        var job = await db.Jobs.SingleAsync(Cancellation);
        Assert.Equal((id, 1, RetrainingState.Waiting), (run.Id, run.Number, run.State));
        Assert.Equal(("retrain", JobState.Queued), (job.Kind, job.State));
        Assert.Contains("\"COVID-19\": \"COVID-19\"", run.Configuration, StringComparison.Ordinal);
        Assert.Equal(AuditAction.RetrainingStart, (await db.Audit.SingleAsync(Cancellation)).Action);
    }

    [Fact]
    public async Task Start_WithoutData_IsRefusedInWords() =>
        Assert.Equal("Choose at least one data folder and name the classes to train.", await RefusalAsync(f => f.Classes.Clear()));

    [Fact]
    public async Task Start_WithARateOutOfRange_IsRefusedByItsName() => Assert.Contains("schedule.minRate", await RefusalAsync(f => f.MinRate = -1), StringComparison.Ordinal);

    [Fact]
    public async Task Start_WithAPositiveClassThatNoImageHas_IsRefused() => Assert.Contains("positiveClass", await RefusalAsync(f => f.PositiveClass = "Influenza"), StringComparison.Ordinal);

    [Theory]
    [InlineData("../outside")]
    [InlineData("/etc")]
    [InlineData("absent")]
    public async Task Start_OnAFolderOutsideTheRoot_IsRefused(string path)
    {
        FilmFolders.WriteClasses(Path.Combine(root.Path, ".."), "outside", ("COVID-19", 2), ("Normal", 2));
        var form = Form(path);

        var result = await start.RunAsync(form, [new(path, "", [new("COVID-19", 2), new("Normal", 2)], false, null)], Admin, Cancellation);

        Assert.Contains("names a place outside", Assert.IsType<StartRetrainingResult.Refused>(result).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Role.Radiologist)]
    [InlineData(Role.DepartmentLead)]
    public async Task Start_ByAnotherRole_IsRefused(string role)
    {
        var other = new Actor(Guid.NewGuid(), "other", new HashSet<string> { role });

        await Assert.ThrowsAsync<AccessRefusedException>(() => start.RunAsync(Form("films"), Folders(), other, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(() => control.RunAsync(Guid.NewGuid(), RetrainingWish.Cancel, other, Cancellation));
    }

    [Fact]
    public async Task Control_OfAPausedRunToGoOn_QueuesItAgain()
    {
        var id = await StartAsync();
        await SetAsync(id, RetrainingState.Paused);

        Assert.Null(await control.RunAsync(id, RetrainingWish.GoOn, Admin, Cancellation));

        await using var db = folder.CreateDbContext();
        Assert.Equal(RetrainingState.Waiting, (await db.RetrainingRuns.SingleAsync(Cancellation)).State);
        Assert.Equal(2, await db.Jobs.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Control_OfARunThatHasEnded_ChangesNothing()
    {
        var id = await StartAsync();
        await SetAsync(id, RetrainingState.Done);

        Assert.Equal("The run has moved on in the meantime.", await control.RunAsync(id, RetrainingWish.Pause, Admin, Cancellation));
        Assert.Equal("There is no such run.", await control.RunAsync(Guid.NewGuid(), RetrainingWish.Pause, Admin, Cancellation));
    }

    [Fact]
    public async Task Control_OfAPausedRunToCancel_EndsItAtOnce()
    {
        var id = await StartAsync();
        await SetAsync(id, RetrainingState.Paused);

        Assert.Null(await control.RunAsync(id, RetrainingWish.Cancel, Admin, Cancellation));

        await using var db = folder.CreateDbContext();
        Assert.Equal(RetrainingState.Cancelled, (await db.RetrainingRuns.SingleAsync(Cancellation)).State);
    }

    [Fact]
    public async Task Claim_OfOneKind_LeavesTheOthersJobs()
    {
        await StartAsync();

        Assert.Null(await queue.ClaimAsync("analyse-study", "worker", Cancellation));
        Assert.NotNull(await queue.ClaimAsync("retrain", "worker", Cancellation));
    }

    async Task<Guid> StartAsync() => Assert.IsType<StartRetrainingResult.Started>(await start.RunAsync(Form("films"), Folders(), Admin, Cancellation)).RunId;

    async Task<string> RefusalAsync(Action<RetrainingForm> spoil)
    {
        var form = Form("films");
        spoil(form);
        return Assert.IsType<StartRetrainingResult.Refused>(await start.RunAsync(form, Folders(), Admin, Cancellation)).Message;
    }

    async Task SetAsync(Guid id, RetrainingState state)
    {
        await using var db = folder.CreateDbContext();
        await db.RetrainingRuns.Where(r => r.Id == id).ExecuteUpdateAsync(s => s.SetProperty(r => r.State, state), Cancellation);
    }

    static RetrainingForm Form(string path)
    {
        var form = TrainingPreset.All[0].Form();
        form.Classes[path] = new() { ["COVID-19"] = "COVID-19", ["Normal"] = "Other" };
        return form;
    }

    static List<DataFolderView> Folders() => [new("films", "", [new("COVID-19", 2), new("Normal", 2)], false, null)];
}

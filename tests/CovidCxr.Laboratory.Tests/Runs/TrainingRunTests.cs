using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.DataSets;
using CovidCxr.Domain.Jobs;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Runs;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Laboratory.Plans;
using CovidCxr.Laboratory.Runs;
using CovidCxr.Laboratory.Tests.DataSets;
using CovidCxr.Learning.Optimization;
using CovidCxr.Learning.Training;
using CovidCxr.Platform.Jobs;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Tests.Runs;

/// <summary>Starting and steering runs, on a real database.</summary>
public sealed class TrainingRunTests : IAsyncLifetime
{
    static readonly Actor Admin = new(Guid.NewGuid(), "admin", new HashSet<string> { Role.Admin });

    readonly DataSetBench _bench = new();
    readonly TestFolder _folder;
    readonly JobQueue _queue;
    readonly StartTrainingRun _start;
    readonly ControlTrainingRun _control;
    DataSetVersion _imported = null!, _divided = null!;

    public TrainingRunTests()
    {
        (_folder, _queue) = (_bench.Folder, _bench.Queue);
        _start = new(_folder, _queue, _bench.Places, _folder.Data, _bench.Audit, TimeProvider.System);
        _control = new(_folder, _queue, _bench.Audit);
    }

    public async ValueTask InitializeAsync()
    {
        FilmFolders.WriteClasses(_bench.Root.Path, "films", ("COVID-19", 4), ("Normal", 4));
        _imported = await _bench.ImportAsync(new(null, "films"));
        _divided = await _bench.ChangeAsync(c => c.DivideAsync(_imported.Id, new(), DataSetBench.Admin, Cancellation));
        await using var db = _folder.CreateDbContext();
        await db.Jobs.ExecuteDeleteAsync(Cancellation);
        await db.Audit.ExecuteDeleteAsync(Cancellation);
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        _bench.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Start_WithAGoodForm_QueuesTheRunAndRecordsIt()
    {
        var id = await StartAsync();

        await using var db = _folder.CreateDbContext();
        var run = await db.TrainingRuns.SingleAsync(Cancellation);
        var job = await db.Jobs.SingleAsync(Cancellation);
        Assert.Equal((id, 1, RunState.Waiting), (run.Id, run.Number, run.State));
        Assert.Equal(("retrain", JobState.Queued), (job.Kind, job.State));
        Assert.Equal((RunKind.Training, _divided.Id), (run.Kind, run.DataSetVersionId));
        Assert.Contains(_divided.ManifestHash!, run.Configuration, StringComparison.Ordinal);
        Assert.Equal(AuditAction.RetrainingStart, (await db.Audit.SingleAsync(Cancellation)).Action);
    }

    [Fact]
    public async Task Start_ByAPlan_FreezesItWithTheConfiguration_WithoutOneIsAnExploration()
    {
        await StartAsync();
        var planned = await StartPlannedAsync();

        await using var db = _folder.CreateDbContext();
        var runs = await db.TrainingRuns.OrderBy(r => r.Number).ToListAsync(Cancellation);
        Assert.Equal([true, false], runs.Select(r => r.IsExploration));
        var run = runs[1];
        Assert.Equal(planned, run.Id);
        var plan = TrainingPlan.TryRead(run.Plan)!;
        Assert.Equal(
            (_divided.Id, _divided.ManifestHash, run.Configuration), (plan.DataSetVersionId, plan.ManifestHash, plan.Configuration));
        Assert.Equal(TrainingPlan.HashOf(run.Plan!), run.PlanHash);
        Assert.True(await db.Audit.AnyAsync(a => a.Detail == $"run 2, plan {run.PlanHash}", Cancellation));
        Assert.Null((await new GetRunPlan(_folder).RunAsync(planned, Admin, Cancellation))!.Deviation);
    }

    [Theory]
    [InlineData("", "More films came.", 0.03, "", "say what will change")]
    [InlineData("Train on more films.", "", 0.03, "", "say why")]
    [InlineData("Train on more films.", "More films came.", 0.06, "", "margin")]
    [InlineData("Train on more films.", "More films came.", double.NaN, "", "margin")]
    [InlineData("Train on more films.", "More films came.", 0.03, "films", "'films' out")]
    [InlineData("Train on more films.", "More films came.", 0.03, "fimls", "'fimls' out, and no data set here has such a source")]
    [InlineData("Train on more films.", "More films came.", 0.03, "fimls", "There are: films.")]
    public async Task Start_ByAPlanThatIsNone_IsRefusedInWords(string change, string why, double margin, string heldOut, string words) =>
        Assert.Contains(
            words, await RefusalAsync(f => f.Plan = new() { Change = change, Why = why, Margin = margin, HeldOut = heldOut }),
            StringComparison.Ordinal);

    [Fact]
    public async Task Start_ByAPlanThatHoldsOutASourceOfAnotherDataSet_Starts()
    {
        FilmFolders.WriteClasses(_bench.Root.Path, "elsewhere", ("COVID-19", 4), ("Normal", 4));
        await _bench.ImportAsync(new(null, "elsewhere"), name: "elsewhere");
        var form = Form();
        form.Plan = new() { Change = "Train on more films.", Why = "More films came.", HeldOut = "elsewhere" };

        Assert.IsType<StartTrainingRunResult.Started>(await _start.RunAsync(form, RunKind.Training, Admin, Cancellation));
    }

    [Fact]
    public async Task Control_ThatStopsAPlannedRun_TakesItOffItsPlan_APauseDoesNot()
    {
        var id = await StartPlannedAsync();
        await SetAsync(id, RunState.Running);
        Assert.Null(await _control.RunAsync(id, RunRequest.Pause, Admin, Cancellation));
        Assert.Null((await new GetRunPlan(_folder).RunAsync(id, Admin, Cancellation))!.Deviation);

        Assert.Null(await _control.RunAsync(id, RunRequest.StopAndKeepBest, Admin, Cancellation));

        Assert.Contains(
            "stopped it", (await new GetRunPlan(_folder).RunAsync(id, Admin, Cancellation))!.Deviation, StringComparison.Ordinal);
        await using var db = _folder.CreateDbContext();
        Assert.True(await db.Audit.AnyAsync(a => a.Action == AuditAction.PlanDeparture && a.Detail == "run 1", Cancellation));
    }

    async Task<Guid> StartPlannedAsync()
    {
        var form = Form();
        form.Plan = new() { Change = "Train on more films.", Why = "More films came.", Margin = 0.03 };
        return Assert.IsType<StartTrainingRunResult.Started>(
            await _start.RunAsync(form, RunKind.Training, Admin, Cancellation)).RunId;
    }

    [Fact]
    public async Task Start_WithoutData_IsRefusedInWords() =>
        Assert.Equal("Choose a data set version.", await RefusalAsync(f => f.DataSetVersionId = null));

    [Fact]
    public async Task Start_OnAVersionThatIsNotDivided_IsRefusedInWords() =>
        Assert.Contains("not divided yet", await RefusalAsync(f => f.DataSetVersionId = _imported.Id), StringComparison.Ordinal);

    [Fact]
    public async Task Start_OnAManifestThatWasChanged_IsRefused()
    {
        File.AppendAllText(Path.Combine(_bench.Places.Root, DataSetPlaces.ManifestOf(_divided.Id)), " ");

        Assert.Contains("SHA-256 differs", await RefusalAsync(_ => { }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithARateOutOfRange_IsRefusedByItsName() =>
        Assert.Contains("schedule.minRate", await RefusalAsync(f => f.MinRate = -1), StringComparison.Ordinal);

    [Fact]
    public async Task Start_WithAPositiveClassThatNoImageHas_IsRefused() =>
        Assert.Contains("positiveClass", await RefusalAsync(f => f.PositiveClass = "Influenza"), StringComparison.Ordinal);

    [Fact]
    public async Task Start_FromARegisteredVersion_TakesItsFile_OfAnotherNetworkIsRefused()
    {
        var (same, other) = (Version(1, "resnet18"), Version(2, "densenet121"));
        await using (var db = _folder.CreateDbContext())
        {
            db.ModelVersions.AddRange(same, other);
            await db.SaveChangesAsync(Cancellation);
        }

        Assert.Contains("Version 2 is a densenet121", await RefusalAsync(f => f.InitialVersionId = other.Id), StringComparison.Ordinal);
        Assert.Contains("not registered", await RefusalAsync(f => f.InitialVersionId = Guid.NewGuid()), StringComparison.Ordinal);
        var form = Form();
        form.InitialVersionId = same.Id;
        Assert.IsType<StartTrainingRunResult.Started>(await _start.RunAsync(form, RunKind.Training, Admin, Cancellation));

        await using var after = _folder.CreateDbContext();
        Assert.Equal(
            Path.Combine(_folder.Data.Models, "1.safetensors"),
            TrainingConfiguration.FromJson((await after.TrainingRuns.SingleAsync(Cancellation)).Configuration).InitialModel);

        static ModelVersion Version(int number, string architecture) =>
            new()
            {
                Number = number,
                Name = $"m{number}",
                Architecture = architecture,
                Sha256 = $"{number}",
                FileKey = $"{number}.safetensors",
                HeaderJson = "{}"
            };
    }

    [Fact]
    public async Task Preview_ByStage_ClimbsOneStepPerStage()
    {
        var form = TrainingPreset.All[0].Draft();
        (form.MinRate, form.MaxRate, form.Grouping) = (1e-4, 1e-2, LayerGrouping.Stage);

        var (courses, _) = await PreviewSchedule.RunAsync(form.Configuration, Cancellation);

        Assert.Equal(["stem", "stage1", "stage2", "stage3", "stage4", "head"], courses.Select(c => c.Stage));
        Assert.All(
            courses.Select((c, i) => (c.Rates.Max(), 1e-4 * Math.Pow(100, i / 5.0))), c => Assert.Equal(c.Item2, c.Item1, c.Item2 * 1e-9));
    }

    [Theory]
    [InlineData(Role.Radiologist)]
    [InlineData(Role.DepartmentLead)]
    public async Task Start_ByAnotherRole_IsRefused(string role)
    {
        var other = new Actor(Guid.NewGuid(), "other", new HashSet<string> { role });

        await Assert.ThrowsAsync<AccessRefusedException>(() => _start.RunAsync(Form(), RunKind.Training, other, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(() => _control.RunAsync(Guid.NewGuid(), RunRequest.Cancel, other, Cancellation));
    }

    [Fact]
    public async Task Control_OfAPausedRunToGoOn_QueuesItAgain()
    {
        var id = await StartAsync();
        await SetAsync(id, RunState.Paused);

        Assert.Null(await _control.RunAsync(id, RunRequest.GoOn, Admin, Cancellation));

        await using var db = _folder.CreateDbContext();
        Assert.Equal(RunState.Waiting, (await db.TrainingRuns.SingleAsync(Cancellation)).State);
        Assert.Equal(2, await db.Jobs.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Control_OfARunThatHasEnded_ChangesNothing()
    {
        var id = await StartAsync();
        await SetAsync(id, RunState.Done);

        Assert.Equal("The run has moved on in the meantime.", await _control.RunAsync(id, RunRequest.Pause, Admin, Cancellation));
        Assert.Equal("There is no such run.", await _control.RunAsync(Guid.NewGuid(), RunRequest.Pause, Admin, Cancellation));
    }

    [Fact]
    public async Task Control_OfAPausedRunToCancel_EndsItAtOnce()
    {
        var id = await StartAsync();
        await SetAsync(id, RunState.Paused);

        Assert.Null(await _control.RunAsync(id, RunRequest.Cancel, Admin, Cancellation));

        await using var db = _folder.CreateDbContext();
        Assert.Equal(RunState.Cancelled, (await db.TrainingRuns.SingleAsync(Cancellation)).State);
    }

    [Fact]
    public async Task Claim_OfOneKind_LeavesTheOthersJobs()
    {
        await StartAsync();

        Assert.Null(await _queue.ClaimAsync("analyse-study", "worker", Cancellation));
        Assert.NotNull(await _queue.ClaimAsync("retrain", "worker", Cancellation));
    }

    async Task<Guid> StartAsync() =>
        Assert.IsType<StartTrainingRunResult.Started>(await _start.RunAsync(Form(), RunKind.Training, Admin, Cancellation)).RunId;

    async Task<string> RefusalAsync(Action<TrainingDraft> spoil)
    {
        var form = Form();
        spoil(form);
        return Assert.IsType<StartTrainingRunResult.Refused>(await _start.RunAsync(form, RunKind.Training, Admin, Cancellation)).Message;
    }

    async Task SetAsync(Guid id, RunState state)
    {
        await using var db = _folder.CreateDbContext();
        await db.TrainingRuns.Where(r => r.Id == id).ExecuteUpdateAsync(s => s.SetProperty(r => r.State, state), Cancellation);
    }

    TrainingDraft Form()
    {
        var form = TrainingPreset.All[0].Draft();
        form.DataSetVersionId = _divided.Id;
        return form;
    }
}

using System.Text.Json;
using CovidCxr.Domain.Jobs;
using CovidCxr.Domain.Runs;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Laboratory.Models;
using CovidCxr.Laboratory.Runs;
using CovidCxr.Laboratory.Tests.DataSets;
using CovidCxr.Learning.Checkpoints;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CovidCxr.Laboratory.Tests.Runs;

/// <summary>Real processes that train and die, again and again.</summary>
[Trait("Speed", "Slow")]
public sealed class RunDeathTests : IAsyncLifetime
{
    readonly DataSetBench _bench = new();
    readonly TrainingRunJob _handler;
    Guid _id;
    RunFolder _run = null!;

    public RunDeathTests() => _handler = new(
        _bench.Folder, _bench.Folder.Data, _bench.Root, _bench.Places, Options.Create(new TrainingMachineOptions()),
        new RegisterModel(_bench.Folder, _bench.Folder.Data, _bench.Audit, TimeProvider.System), _bench.Audit, TimeProvider.System);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        FilmFolders.WriteClasses(_bench.Root.Path, "films", ("COVID-19", 6), ("Normal", 6));
        var imported = await _bench.ImportAsync(new(null, "films"));
        var divided = await _bench.ChangeAsync(c => c.DivideAsync(imported.Id, new(), DataSetBench.Admin, Cancellation));
        var form = new TrainingDraft { DataSetVersionId = divided.Id, ImageSize = 32, BatchSize = 4, Epochs = 500 };
        var start = new StartTrainingRun(_bench.Folder, _bench.Queue, _bench.Places, _bench.Folder.Data, _bench.Audit, TimeProvider.System);
        _id = Assert.IsType<StartTrainingRunResult.Started>(
            await start.RunAsync(form, RunKind.Training, DataSetBench.Admin, Cancellation)).RunId;
        _run = RunFolder.Of(_bench.Folder.Data, _id);
    }

    public ValueTask DisposeAsync()
    {
        _bench.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Run_ThatDiesAgainAndAgain_IsGivenUpWithItsBestEpochAsAModel()
    {
        DyingProcess.Doom(_run, DyingProcess.OnceThereIsACheckpoint);
        await Assert.ThrowsAsync<InvalidOperationException>(AttemptAsync);
        Assert.Contains(Notes, n => n == "The training process died (nothing is known of why, exit code 137). It starts again by itself.");
        // So often already since that checkpoint.
        await File.WriteAllTextAsync(
            Path.Combine(_run.Path, "deaths.txt"), FormattableString.Invariant($"{RunDeaths.Most - 1} {_run.NewestCheckpoint}"),
            Cancellation);

        await EndAsync(await AttemptAsync());

        var ended = await FindAsync();
        Assert.Equal(
            (RunState.Done, "The training process died 5 times without coming further (nothing is known of why, exit code 137)."),
            (ended.State, ended.Message));
        await using var db = _bench.Folder.CreateDbContext();
        var model = await db.ModelVersions.SingleAsync(m => m.Id == ended.ModelVersionId, Cancellation);
        Assert.InRange(ModelHeader.FromJson(model.HeaderJson).Training!.Epochs, 1, 499);
    }

    [Fact]
    public async Task Run_WhoseBestEpochCannotBeMeasuredEither_FailsWithTheReason()
    {
        DyingProcess.Doom(_run, DyingProcess.Always);
        await File.WriteAllTextAsync(
            Path.Combine(_run.Path, "deaths.txt"), FormattableString.Invariant($"{RunDeaths.Most - 1} "), Cancellation);

        await EndAsync(await AttemptAsync());

        var ended = await FindAsync();
        Assert.Equal((RunState.Failed, null), (ended.State, ended.ModelVersionId));
        Assert.Contains("died 5 times", ended.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ThatLibtorchAbortsForWantOfMemory_GoesOnWithHalfTheBatch()
    {
        DyingProcess.Doom(_run, DyingProcess.ForWantOfMemory);
        await Assert.ThrowsAsync<InvalidOperationException>(AttemptAsync);
        Assert.Contains(Notes, n => n == "The training process died (memory ran out, exit code 134). It starts again by itself.");

        await using (var db = _bench.Folder.CreateDbContext())
        {
            var waiting = await db.TrainingRuns.SingleAsync(r => r.Id == _id, Cancellation);
            waiting.Request = RunRequest.StopAndKeepBest;
            await db.SaveChangesAsync(Cancellation);
        }

        await EndAsync(await AttemptAsync());

        Assert.Contains("Memory has run out before. Batches hold 2 images from there on, not 4.", Notes);
        Assert.Contains(Notes, n => n.StartsWith("Going on from epoch", StringComparison.Ordinal));
        Assert.Equal(RunState.Done, (await FindAsync()).State);
        Assert.Contains("Batches hold 2 images", await File.ReadAllTextAsync(_run.Report, Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public void Add_AfterANewCheckpoint_CountsFromOneAgain()
    {
        Directory.CreateDirectory(_run.Path);
        int Die() => new RunDeaths(_run).Add(134, "", out _);

        Assert.Equal([1, 2], [Die(), Die()]);
        File.WriteAllText(Path.Combine(_run.Path, "checkpoint-000000004.ckpt"), "");
        Assert.Equal([1, 2, 3], [Die(), Die(), Die()]);
    }

    IEnumerable<string> Notes => _run.ReadProgress(0).Lines.Select(l => l.Note).OfType<string>();

    Task<Func<Storage.CovidCxrDbContext, Task>> AttemptAsync() =>
        _handler.RunAsync(
            new Job { Kind = TrainingRunJob.JobKind, Payload = JsonSerializer.Serialize(new TrainingRunJob.Payload(_id)) }, Cancellation);

    async Task EndAsync(Func<Storage.CovidCxrDbContext, Task> store)
    {
        await using var db = _bench.Folder.CreateDbContext();
        await store(db);
        await db.SaveChangesAsync(Cancellation);
    }

    async Task<TrainingRun> FindAsync()
    {
        await using var db = _bench.Folder.CreateDbContext();
        return await db.TrainingRuns.SingleAsync(r => r.Id == _id, Cancellation);
    }
}

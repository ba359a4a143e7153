using CovidCxr.Domain.DataSets;
using CovidCxr.Domain.Runs;
using CovidCxr.Laboratory.Runs;
using CovidCxr.Laboratory.Tests.DataSets;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Tests.Runs;

/// <summary>
/// Two runs on one data set, trained to their end once for all tests of a class; they differ in the highest rate and the weight decay.
/// </summary>
public sealed class FinishedRuns : IAsyncLifetime
{
    internal DataSetBench Bench { get; } = new();

    internal DataSetVersion Divided { get; private set; } = null!;

    public IReadOnlyList<Guid> Ids { get; private set; } = [];

    internal RunFolder Folder(int run) => RunFolder.Of(Bench.Folder.Data, Ids[run]);

    public async ValueTask InitializeAsync()
    {
        FilmFolders.WriteClasses(Bench.Root.Path, "films", ("COVID-19", 10), ("Normal", 10));
        var imported = await Bench.ImportAsync(new(null, "films"));
        Divided = await Bench.ChangeAsync(c => c.DivideAsync(imported.Id, new(), DataSetBench.Admin, CancellationToken.None));
        Ids = [await TrainAsync(_ => { }), await TrainAsync(f => (f.MaxRate, f.WeightDecay) = (5e-3, 0.02))];
    }

    public ValueTask DisposeAsync()
    {
        Bench.Dispose();
        return ValueTask.CompletedTask;
    }

    internal async Task<Guid> QueueAsync(Action<TrainingDraft> change)
    {
        var form = new TrainingDraft
        {
            DataSetVersionId = Divided.Id,
            ImageSize = 32,
            BatchSize = 4,
            Epochs = 2,
        };
        change(form);
        var start = new StartTrainingRun(Bench.Folder, Bench.Queue, Bench.Places, Bench.Folder.Data, Bench.Audit, TimeProvider.System);
        return Assert.IsType<StartTrainingRunResult.Started>(
            await start.RunAsync(form, RunKind.Training, DataSetBench.Admin, CancellationToken.None)).RunId;
    }

    // As the job does, in this process.
    async Task<Guid> TrainAsync(Action<TrainingDraft> change)
    {
        var id = await QueueAsync(change);
        await using var db = Bench.Folder.CreateDbContext();
        var run = await db.TrainingRuns.SingleAsync(r => r.Id == id);
        var place = RunFolder.Of(Bench.Folder.Data, id);
        place.Prepare(run.Configuration, new(Bench.Places.Root));
        await TrainingProcess.RunAsync(place.Path, new SilentParent(), TimeProvider.System);
        Assert.Equal(RunFolder.Ending.Finished, place.ReadResult()!.Ending);
        run.State = RunState.Done;
        await db.SaveChangesAsync();
        return id;
    }
}

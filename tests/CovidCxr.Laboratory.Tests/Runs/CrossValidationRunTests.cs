using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.DataSets;
using CovidCxr.Domain.Runs;
using CovidCxr.Laboratory.Runs;
using CovidCxr.Laboratory.Tests.DataSets;
using CovidCxr.Learning.Evaluation;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Tests.Runs;

/// <summary>A run on a version in folds, from the form to its result.</summary>
[Trait("Speed", "Slow")]
public sealed class CrossValidationRunTests : IAsyncLifetime
{
    const int Folds = 3;

    readonly DataSetBench _bench = new();
    DataSetVersion _divided = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        FilmFolders.WriteClasses(_bench.Root.Path, "films", ("COVID-19", 9), ("Normal", 9));
        var imported = await _bench.ImportAsync(new(null, "films"));
        _divided = await _bench.ChangeAsync(c => c.DivideAsync(imported.Id, new(Folds: Folds), DataSetBench.Admin, Cancellation));
    }

    public ValueTask DisposeAsync()
    {
        _bench.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Run_OnAVersionInFolds_TestsEveryImageOnceAndShowsWhereEachNetworkLooked()
    {
        var run = await StartAsync(RunKind.Training);
        var place = RunFolder.Of(_bench.Folder.Data, run.Id);
        place.Prepare(run.Configuration, new(_bench.Places.Root, run.Kind));

        await TrainingProcess.RunAsync(place.Path, new SilentParent(), TimeProvider.System);

        Assert.Equal(
            (RunKind.CrossValidation, RunFolder.Ending.Finished, null),
            (run.Kind, place.ReadResult()!.Ending, place.ReadResult()!.ModelPath));
        Assert.Equal([1, 2, 3], place.ReadProgress(0).Lines.Where(l => l.Fold is not null).Select(l => l.Fold!.Number));
        var view = (
            await new GetCrossValidation(_bench.Folder, _bench.Folder.Data, _bench.Places, _bench.Audit)
                .RunAsync(run.Id, DataSetBench.Admin, Cancellation))!;
        Assert.Equal("COVID-19", view.Report.PositiveClass);
        Assert.Equal(
            (Folds, 18, 18), (view.Report.PerFold.Count, view.Report.Pooled.Images, view.Report.Confusion.Counts.Sum(c => c.Sum())));
        Assert.Equal(
            view.Report.PerFold.Average(f => Accuracy(f.Figures)), view.Report.Means.Single(m => m.Name == "accuracy").Mean.Value!.Value,
            1e-9);
        var images = _bench.Manifest(_divided).Images;
        Assert.All(view.MostConfused, c => Assert.Equal(c.Image.Path, images[c.Index].Path));
        Assert.All(view.MostConfused, c => Assert.True(c.HasPicture));

        var picture = (await new GetConfusedPicture(_bench.Folder.Data).RunAsync(run.Id, 0, DataSetBench.Admin, Cancellation))!;
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], picture[..4]);
        Assert.Null(
            await new GetConfusedPicture(_bench.Folder.Data).RunAsync(run.Id, view.MostConfused.Count, DataSetBench.Admin, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => new GetConfusedPicture(_bench.Folder.Data).RunAsync(run.Id, 0, Someone(Role.Radiologist), Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(() =>
            new GetCrossValidation(_bench.Folder, _bench.Folder.Data, _bench.Places, _bench.Audit)
                .RunAsync(run.Id, Someone(Role.DepartmentLead), Cancellation));
    }

    [Fact]
    public async Task RangeTest_OnAVersionInFolds_StaysOne() => Assert.Equal(RunKind.RangeTest, (await StartAsync(RunKind.RangeTest)).Kind);

    [Fact]
    public async Task Augmentation_OfAVersionInFolds_IsRefusedInWords()
    {
        var start = new CovidCxr.Laboratory.DataSets.StartAugmentation(
            _bench.Folder, _bench.Queue, _bench.Places, _bench.Audit, TimeProvider.System);

        var refused = Assert.IsType<CovidCxr.Laboratory.DataSets.ChangeDataSetResult.Refused>(
            await start.RunAsync(new(_divided.Id, 2, 1, false), DataSetBench.Admin, Cancellation));

        Assert.Contains("let the training augment", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RunRequest.Pause, true)]
    [InlineData(RunRequest.Cancel, true)]
    [InlineData(RunRequest.StopAndKeepBest, false)]
    public void Request_OfARunningCrossValidation_IsOneThatItCanFollow(RunRequest request, bool expected) =>
        Assert.Equal(expected, new TrainingRun
        {
            Name = "",
            Architecture = "",
            Configuration = "",
            StartedByName = "",
            Kind = RunKind.CrossValidation,
            State = RunState.Running,
        }.MayBecome(request));

    static double Accuracy(FigureSet set) => set.Figures.Single(f => f.Name == "accuracy").ByImage.Value!.Value;

    static Actor Someone(string role) => new(Guid.NewGuid(), "other", new HashSet<string> { role });

    async Task<TrainingRun> StartAsync(RunKind kind)
    {
        var form = new TrainingDraft { DataSetVersionId = _divided.Id, ImageSize = 32, BatchSize = 4, Epochs = 1 };
        var start = new StartTrainingRun(_bench.Folder, _bench.Queue, _bench.Places, _bench.Folder.Data, _bench.Audit, TimeProvider.System);
        var id = Assert.IsType<StartTrainingRunResult.Started>(await start.RunAsync(form, kind, DataSetBench.Admin, Cancellation)).RunId;
        await using var db = _bench.Folder.CreateDbContext();
        return await db.TrainingRuns.SingleAsync(r => r.Id == id, Cancellation);
    }
}

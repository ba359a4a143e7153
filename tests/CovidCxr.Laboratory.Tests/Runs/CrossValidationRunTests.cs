using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Training;
using CovidCxr.Laboratory.Runs;
using CovidCxr.Laboratory.Tests.DataSets;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Tests.Runs;

/// <summary>A run on a version in folds, from the form to its result.</summary>
[Trait("Speed", "Slow")]
public sealed class CrossValidationRunTests : IAsyncLifetime
{
    const int Folds = 3;

    readonly DataSetBench bench = new();
    DataSetVersion divided = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        FilmFolders.WriteClasses(bench.Root.Path, "films", ("COVID-19", 9), ("Normal", 9));
        var imported = await bench.ImportAsync(new(null, "films"));
        divided = await bench.ChangeAsync(c => c.DivideAsync(imported.Id, new(Folds: Folds), DataSetBench.Admin, Cancellation));
    }

    public ValueTask DisposeAsync()
    {
        bench.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Run_OnAVersionInFolds_TestsEveryImageOnceAndShowsWhereEachNetworkLooked()
    {
        var run = await StartAsync(RetrainingKind.Training);
        var place = RunFolder.Of(bench.Folder.Data, run.Id);
        place.Prepare(run.Configuration, new(bench.Places.Root, run.Kind));

        await TrainingProcess.RunAsync(place.Path, new SilentParent(), TimeProvider.System);

        Assert.Equal((RetrainingKind.CrossValidation, RunFolder.Ending.Finished, null), (run.Kind, place.ReadResult()!.Ending, place.ReadResult()!.ModelPath));
        Assert.Equal([1, 2, 3], place.ReadProgress(0).Lines.Where(l => l.Fold is not null).Select(l => l.Fold!.Number));
        var view = (await new GetCrossValidation(bench.Folder, bench.Folder.Data, bench.Places, bench.Audit).RunAsync(run.Id, DataSetBench.Admin, Cancellation))!;
        Assert.Equal((Folds, 18, 18), (view.PerFold.Count, view.Pooled.Images, view.Confusion.Counts.Sum(c => c.Sum())));
        Assert.Equal(view.PerFold.Average(f => Accuracy(f.Figures)), view.Means.Single(m => m.Name == "accuracy").Mean.Value!.Value, 1e-9);
        var images = bench.Manifest(divided).Images;
        Assert.All(view.MostConfused, c => Assert.Equal(c.Path, images[c.Index].Path));
        Assert.All(view.MostConfused, c => Assert.True(c.HasPicture));

        var picture = (await new GetConfusedPicture(bench.Folder.Data).RunAsync(run.Id, 0, DataSetBench.Admin, Cancellation))!;
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], picture[..4]);
        Assert.Null(await new GetConfusedPicture(bench.Folder.Data).RunAsync(run.Id, view.MostConfused.Count, DataSetBench.Admin, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(() => new GetConfusedPicture(bench.Folder.Data).RunAsync(run.Id, 0, Someone(Role.Radiologist), Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(() => new GetCrossValidation(bench.Folder, bench.Folder.Data, bench.Places, bench.Audit).RunAsync(run.Id, Someone(Role.DepartmentLead), Cancellation));
    }

    [Fact]
    public async Task RangeTest_OnAVersionInFolds_StaysOne() => Assert.Equal(RetrainingKind.RangeTest, (await StartAsync(RetrainingKind.RangeTest)).Kind);

    [Fact]
    public async Task Augmentation_OfAVersionInFolds_IsRefusedInWords()
    {
        var start = new CovidCxr.Laboratory.DataSets.StartAugmentation(bench.Folder, bench.Queue, bench.Places, bench.Audit, TimeProvider.System);

        var refused = Assert.IsType<CovidCxr.Laboratory.DataSets.ChangeDataSetResult.Refused>(await start.RunAsync(new(divided.Id, 2, 1, false), DataSetBench.Admin, Cancellation));

        Assert.Contains("let the training augment", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RetrainingWish.Pause, true)]
    [InlineData(RetrainingWish.Cancel, true)]
    [InlineData(RetrainingWish.StopAndKeepBest, false)]
    public void Wish_OfARunningCrossValidation_IsOneThatItCanFollow(RetrainingWish wish, bool expected) => Assert.Equal(expected, new RetrainingRun
    {
        Name = "",
        Architecture = "",
        Configuration = "",
        StartedByName = "",
        Kind = RetrainingKind.CrossValidation,
        State = RetrainingState.Running,
    }.MayBecome(wish));

    static double Accuracy(FigureSetView set) => set.Figures.Single(f => f.Name == "accuracy").ByImage.Value!.Value;

    static Actor Someone(string role) => new(Guid.NewGuid(), "other", new HashSet<string> { role });

    async Task<RetrainingRun> StartAsync(RetrainingKind kind)
    {
        var form = new RetrainingForm { DataSetVersionId = divided.Id, ImageSize = 32, BatchSize = 4, Epochs = 1 };
        var start = new StartRetraining(bench.Folder, bench.Queue, bench.Places, bench.Folder.Data, bench.Audit, TimeProvider.System);
        var id = Assert.IsType<StartRetrainingResult.Started>(await start.RunAsync(form, kind, DataSetBench.Admin, Cancellation)).RunId;
        await using var db = bench.Folder.CreateDbContext();
        return await db.RetrainingRuns.SingleAsync(r => r.Id == id, Cancellation);
    }
}

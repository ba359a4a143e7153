using CovidCxr.Laboratory.Runs;
using CovidCxr.Learning.Training;
using CovidCxr.Web.Features.Laboratory.Runs;
using CovidCxr.Web.Shared.Charts;

namespace CovidCxr.Web.Tests.Features.Laboratory.Runs;

/// <summary>What a page keeps and draws of a run.</summary>
public sealed class RunProgressTests
{
    [Fact]
    public void Add_OfTwoHundredEpochs_KeepsFewPointsFromTheFirstToTheLast()
    {
        const int Epochs = 200, Steps = 500;
        var progress = new RunProgress();
        for (var epoch = 1; epoch <= Epochs; epoch++)
        {
            progress.Add([
                .. Enumerable.Range(1, Steps).Select(s => RunRecords.Step(epoch, s, Steps, Epochs, loss: 1.0 / epoch)),
                RunRecords.Epoch(epoch, 1.0 / epoch)]);
        }

        var drawn = progress.Losses.Concat(progress.Rates).Concat(progress.Momenta).Concat(progress.Memory).Concat(progress.Metrics)
            .ToList();
        Assert.All(drawn, s => Assert.InRange(s.Points.Count, 1, RunProgress.MostSteps + 1));
        Assert.All(drawn, s => Assert.InRange(s.Thinned().Points.Count, 1, 601));
        var places = progress.Losses[0].Points.Select(p => p.X).ToList();
        Assert.Equal((1.0 / Steps, Epochs), (places[0], places[^1]));
        // Evenly: no stretch of the run is drawn coarser than another, the newest point apart.
        Assert.InRange(
            places.Zip(places.Skip(1), (a, b) => b - a).SkipLast(1).Max() / places.Zip(places.Skip(1), (a, b) => b - a).SkipLast(1).Min(),
            1, 1.01);
        Assert.Equal(Epochs, progress.Epochs.Count);
    }

    [Fact]
    public void Add_OfAnEpochRepeatedAfterACrash_ShowsTheLastOfIt()
    {
        var progress = new RunProgress();
        progress.Add([RunRecords.Epoch(1, 0.9), RunRecords.Epoch(2, 0.8), RunRecords.Epoch(2, 0.7)]);

        Assert.Equal([0.9, 0.7], progress.Epochs.Select(e => e.ValidationLoss));
        Assert.Equal(2, progress.BestEpoch);
    }

    [Fact]
    public void BestEpoch_OfARunThatChoosesByArea_IsTheOneOfTheLargest()
    {
        var progress = new RunProgress { Choice = BestEpoch.LargestArea };
        Assert.Null(progress.BestEpoch);
        progress.Add([RunRecords.Epoch(1, 0.9, area: 0.6), RunRecords.Epoch(2, 0.8, area: 0.9), RunRecords.Epoch(3, 0.7, area: 0.8)]);

        Assert.Equal(2, progress.BestEpoch);
    }

    [Fact]
    public void Losses_OfARunWithWeightsOrSmoothing_CompareThePlainOnesAndNameTheOther()
    {
        var plain = new RunProgress();
        plain.Add([RunRecords.Step(1, 1), RunRecords.Epoch(1, 0.5)]);
        Assert.Equal(["training, each step", "training", "validation"], plain.Losses.Select(s => s.Name));

        var smoothed = new RunProgress();
        smoothed.Add([RunRecords.Step(1, 1), RunRecords.Epoch(1, 0.5, optimised: 0.8)]);
        Assert.Equal(
            [("training", 0.5), ("validation", 0.5), ("training, as optimised", 0.8)],
            smoothed.Losses.Skip(1).Select(s => (s.Name, s.Points[^1].Y!.Value)));
    }

    [Fact]
    public void Losses_OfBeforeThePlainOneWasMeasured_AreNamedForWhatTheyAre()
    {
        var progress = new RunProgress();
        progress.Add([new(default, Epoch: new(1, 0.8, 0.5, 0.6, 0.75, null, null, 0.5, 10, 0, 1, 0, 2))]);

        Assert.Null(progress.Losses.Single(s => s.Name == "training").Points[0].Y);
        Assert.Equal(0.8, progress.Losses.Single(s => s.Name == "training, as optimised").Points[0].Y);
    }

    [Fact]
    public void Add_OfTheNextFold_BeginsItsChartsAnewAndKeepsTheFormersLosses()
    {
        var progress = new RunProgress();
        progress.Add([new(default, Fold: new(1, 3)), RunRecords.Step(1, 1), RunRecords.Step(1, 4), RunRecords.Epoch(1, 0.9)]);
        progress.Add([new(default, Fold: new(2, 3)), RunRecords.Step(1, 1), RunRecords.Epoch(1, 0.8)]);
        // The process died and begins the fold again.
        progress.Add([new(default, Fold: new(2, 3)), RunRecords.Step(1, 2)]);

        Assert.Equal(["fold 1", "fold 2"], progress.Losses.Select(s => s.Name));
        Assert.Equal([0.25, 0.5], progress.Rates[0].Points.Select(p => p.X));
        Assert.Equal(0.8, Assert.Single(progress.Epochs).ValidationLoss);
    }

    [Fact]
    public void Add_OfStepsOnAGpu_DrawsItsMemoryAndUse()
    {
        var progress = new RunProgress();
        progress.Add([RunRecords.Step(1, 1)]);
        Assert.Empty(progress.GpuMemory.Concat(progress.GpuUtilisation));

        progress.Add([RunRecords.Step(1, 2) with { GpuMegabytes = 4049, GpuUtilisation = 87 }]);

        Assert.Equal([null, 4049], Assert.Single(progress.GpuMemory).Points.Select(p => p.Y));
        Assert.Equal([null, 87], Assert.Single(progress.GpuUtilisation).Points.Select(p => p.Y));
    }

    [Fact]
    public void TimeLeft_OfACrossValidation_CountsTheFoldsToCome()
    {
        var progress = new RunProgress();
        // 16 images in 2 seconds; 2 steps of this epoch, 4 of the next, 8 of the third fold.
        progress.Add([new(default, Fold: new(2, 3)), RunRecords.Step(1, 1), RunRecords.Step(1, 2, afterSeconds: 2)]);

        Assert.Equal(28, progress.TimeLeft!.Value.TotalSeconds, 1e-6);
    }

    [Theory]
    [InlineData(0, 0.25)]
    [InlineData(1000, 0.5)]
    [InlineData(100_000, 2)]
    public void IntervalAfter_ALongRun_WritesRarer(int runningSeconds, double expectedSeconds) =>
        Assert.Equal(TimeSpan.FromSeconds(expectedSeconds), TrainingProcess.IntervalAfter(TimeSpan.FromSeconds(runningSeconds)));

    [Fact]
    public void Thinned_OfManyPoints_KeepsTheLast()
    {
        var series = new ChartSeries("s", [.. Enumerable.Range(0, 10_000).Select(i => new ChartPoint(i, i))]);

        Assert.InRange(series.Thinned().Points.Count, 300, 601);
        Assert.Equal(9_999, series.Thinned().Points[^1].X);
    }
}

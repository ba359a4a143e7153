using CovidCxr.Engine.Guard;
using CovidCxr.Engine.Lungs;
using CovidCxr.Testing;

namespace CovidCxr.Engine.Tests.Guard;

[Trait("Speed", "Slow")]
public class GuardTrainingTests
{
    [Fact]
    public void Measure_TheGuardThatWasJustTrained_SaysWhatItsTrainingSaid()
    {
        int[] groups = [.. Enumerable.Range(0, 60)];
        var training = new GuardTraining(LungFinder.Default, seed: 5, _ => { });
        var trained = training.Train(groups, i => FilmFolder.Film(i % 2 == 0, i, 64), TestContext.Current.CancellationToken);

        var asked = 0;
        var measured = training.Measure(new FilmGuard(trained.Weights, LungFinder.Default), groups, i =>
        {
            Interlocked.Increment(ref asked);
            return FilmFolder.Film(i % 2 == 0, i, 64);
        }, TestContext.Current.CancellationToken);

        Assert.InRange(asked, 1, 30);
        Assert.Equal(asked, measured.Withheld[FilmKind.Frontal].Pictures);
        Assert.Equal(trained.Figures.Withheld.OrderBy(w => w.Key), measured.Withheld.OrderBy(w => w.Key));
        Assert.Equal(trained.Figures.Area, measured.Area);
    }
}

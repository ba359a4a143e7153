using CovidCxr.Domain.Readings;

namespace CovidCxr.Domain.Tests.Readings;

public sealed class TrainingRulesTests
{
    static TrainingLabel? Of(ReferenceState reference, params (ReadingStage, Opinion)[] readings) => TrainingRules.Of(reference, readings);

    [Fact]
    public void Of_AReference_IsItsWordWhateverWasRead()
    {
        Assert.Equal(new TrainingLabel(true, TrainingSource.Reference), Of(ReferenceState.Positive, (ReadingStage.Blind, Opinion.Normal)));
        Assert.Equal(new TrainingLabel(false, TrainingSource.Reference), Of(ReferenceState.Negative));
    }

    [Theory]
    [InlineData(ReadingStage.Final)]
    [InlineData(ReadingStage.Concurrent)]
    public void Of_WhatWasSaidWithTheModelInSight_IsNothing(ReadingStage stage)
    {
        Assert.False(TrainingRules.MayEnter(stage));
        Assert.Null(Of(ReferenceState.Missing, (stage, Opinion.Covid19)));
        // Nor does it change, or outweigh, what was said blind.
        Assert.Equal(
            new TrainingLabel(false, TrainingSource.BlindReadings),
            Of(ReferenceState.Missing, (ReadingStage.Blind, Opinion.Normal), (stage, Opinion.Covid19)));
    }

    [Fact]
    public void Of_EveryStage_OnlyBlindMayEnter() =>
        Assert.Equal([ReadingStage.Blind], Enum.GetValues<ReadingStage>().Where(TrainingRules.MayEnter));

    [Fact]
    public void Of_BlindReadings_IsWhatAllOfThemSay()
    {
        Assert.Equal(
            new TrainingLabel(true, TrainingSource.BlindReadings),
            Of(ReferenceState.Missing, (ReadingStage.Blind, Opinion.Covid19), (ReadingStage.Blind, Opinion.Covid19)));
        Assert.Equal(
            new TrainingLabel(false, TrainingSource.BlindReadings),
            Of(ReferenceState.Missing, (ReadingStage.Blind, Opinion.Normal), (ReadingStage.Blind, Opinion.OtherPneumonia)));
        Assert.Null(Of(ReferenceState.Missing, (ReadingStage.Blind, Opinion.Covid19), (ReadingStage.Blind, Opinion.Normal)));
        Assert.Null(Of(ReferenceState.Missing, (ReadingStage.Blind, Opinion.Indeterminate)));
        Assert.Null(Of(ReferenceState.Missing));
    }

    [Theory]
    [InlineData(ReferenceState.Contradictory)]
    [InlineData(ReferenceState.Indeterminate)]
    public void Of_AnUnclearReference_IsNothing(ReferenceState state) => Assert.Null(Of(state, (ReadingStage.Blind, Opinion.Covid19)));
}

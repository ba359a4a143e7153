using CovidCxr.Learning.Optimization;

namespace CovidCxr.Learning.Tests.Optimization;

public class LossScalerTests
{
    [Fact]
    public void Note_AfterAnOverflow_HalvesAndStartsCountingAgain()
    {
        var scaler = new LossScaler(isDynamic: true);
        Assert.Equal(65536, scaler.Scale);
        Assert.True(scaler.Note(isFinite: true));
        Assert.False(scaler.Note(isFinite: false));
        Assert.Equal((32768, 0, 1), (scaler.Scale, scaler.GoodSteps, scaler.SkippedSteps));
    }

    [Fact]
    public void Note_AfterTwoThousandGoodSteps_Doubles()
    {
        var scaler = new LossScaler(isDynamic: true);
        for (var i = 0; i < 1999; i++)
        {
            scaler.Note(isFinite: true);
        }

        Assert.Equal(65536, scaler.Scale);
        scaler.Note(isFinite: true);
        Assert.Equal((131072, 0), (scaler.Scale, scaler.GoodSteps));
    }

    [Fact]
    public void Note_WithoutScaling_StaysAtOne()
    {
        var scaler = new LossScaler(isDynamic: false);
        Assert.False(scaler.Note(isFinite: false));
        Assert.Equal(1, scaler.Scale);
    }
}

using System.Text.Json;
using CovidCxr.Learning.Optimization;
using CovidCxr.Testing;

namespace CovidCxr.Learning.Tests.Optimization;

public class ScheduleTests
{
    [Fact]
    public void At_EveryShapeCycleLayerAndIteration_IsTheGoldenValue()
    {
        var rows = GoldenFile.Read("schedule.json").EnumerateArray().ToList();
        Assert.True(rows.Count > 300);
        foreach (var row in rows)
        {
            var options = new ScheduleOptions(
                Enum.Parse<ScheduleShape>(row[0].GetString()!, ignoreCase: true),
                Enum.Parse<CycleLength>(row[1].GetString()!, ignoreCase: true), row[8].GetDouble(), row[9].GetDouble(), row[10].GetDouble(),
                row[11].GetDouble(), row[12].GetDouble(), row[2].GetBoolean() ? MomentumMode.Inverse : MomentumMode.WithRate);
            var (rate, momentum) = Schedule.At(
                options, row[3].GetInt32(), row[4].GetInt32(), row[5].GetInt64(), row[6].GetInt64(), row[7].GetInt64());
            AssertClose(row[13].GetDouble(), rate, row);
            AssertClose(row[14].GetDouble(), momentum, row);
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(15, 0.5)]
    [InlineData(30, 1)]
    [InlineData(65, 0.5)]
    [InlineData(100, 0)]
    public void Triangle_OfAHundredIterations_RisesInThirty(double t, double expected) =>
        Assert.Equal(expected, Schedule.Triangle(t, 100, 0.3), 12);

    [Fact]
    public void At_TheEndOfOneCycle_IsTheFinalRate()
    {
        var options = new ScheduleOptions(
            ScheduleShape.Triangle, CycleLength.Run, MinRate: 1e-4, MaxRate: 1e-2, Rise: 0.25, FinalRate: 1e-6);
        double Rate(long iteration, int layer) => Schedule.At(options, layer, 2, iteration, 10, 1000).Rate;

        Assert.Equal([1e-4, 1e-4], [Rate(0, 0), Rate(0, 1)]);
        Assert.Equal([1e-4, 1e-2], [Rate(250, 0), Rate(250, 1)]);
        // Half the way down, and at the last step, a 750th of the way from the end.
        Assert.Equal(1e-6 + ((1e-4 - 1e-6) / 2), Rate(625, 0), 1e-12);
        Assert.Equal(1e-6 + ((1e-2 - 1e-6) / 750), Rate(999, 1), 1e-12);
        Assert.Equal(1e-4 + ((1e-2 - 1e-4) / 2), Rate(125, 1), 1e-12);
        Assert.Throws<ArgumentException>(() => (options with { FinalRate = 2e-4 }).Validate());
        Assert.Throws<ArgumentException>(() => (options with { FinalRate = 0 }).Validate());
        Assert.Throws<ArgumentException>(() => (options with { Cycle = CycleLength.Epoch }).Validate());
    }

    [Fact]
    public void RateCeiling_FromFirstLayerToHead_IsGeometric()
    {
        var ceilings = Enumerable.Range(0, 5).Select(l => Schedule.RateCeiling(l, 5, 1e-4, 1e-2)).ToArray();
        Assert.Equal(1e-4, ceilings[0], 15);
        Assert.Equal(1e-3, ceilings[2], 15);
        Assert.Equal(1e-2, ceilings[4], 15);
    }

    [Fact]
    public void Groups_ByStage_NumberTheStagesInForwardOrder()
    {
        string[] stages = ["stem", "stage1", "stage1", "stage2", "head"];
        Assert.Equal([0, 1, 1, 2, 3], Schedule.Groups(stages, LayerGrouping.Stage));
        Assert.Equal([0, 1, 2, 3, 4], Schedule.Groups(stages, LayerGrouping.Layer));
    }

    [Theory]
    [InlineData(0, 1e-2, 0.8, 0.9, 0.3)]
    [InlineData(1e-2, 1e-3, 0.8, 0.9, 0.3)]
    [InlineData(1e-4, double.PositiveInfinity, 0.8, 0.9, 0.3)]
    [InlineData(1e-4, 1e-2, 0.9, 0.8, 0.3)]
    [InlineData(1e-4, 1e-2, 0.8, 1, 0.3)]
    [InlineData(1e-4, 1e-2, 0.8, 0.9, 0)]
    [InlineData(1e-4, 1e-2, 0.8, 0.9, double.NaN)]
    public void Validate_ValueOutOfRange_IsRefused(double minRate, double maxRate, double minMomentum, double maxMomentum, double rise) =>
        Assert.Throws<ArgumentException>(() => new ScheduleOptions(
            MinRate: minRate, MaxRate: maxRate, MinMomentum: minMomentum, MaxMomentum: maxMomentum, Rise: rise).Validate());

    static void AssertClose(double expected, double actual, JsonElement row) =>
        Assert.True(Math.Abs(expected - actual) <= 1e-9 * Math.Max(1e-3, Math.Abs(expected)), $"{row} but {actual}");
}

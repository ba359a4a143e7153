using System.Globalization;

namespace CovidCxr.Cli.Tests.Commands;

[Collection(nameof(TrainedModel))]
[Trait("Speed", "Slow")]
public sealed class ScheduleCommandTests(TrainedModel trained)
{
    [Fact]
    public async Task Schedule_Csv_HasEveryLayerAtEveryIteration()
    {
        var config = trained.Write("two.json", "films", epochs: 2);
        var result = await CommandLine.RunAsync("schedule", "--config", config, "--steps", "5", "--csv");
        Assert.Equal((0, ""), (result.Code, result.Error));
        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("iteration,epoch,layer,name,stage,rate,momentum", lines[0].TrimEnd());
        var rows = lines.Skip(1).Select(l => l.TrimEnd().Split(',')).ToList();
        // Two epochs of five steps; ResNet18 has 20 convolutions and its head.
        Assert.Equal(2 * 5 * 21, rows.Count);
        Assert.Equal(("fc", "head"), (rows[20][3], rows[20][4]));
        var head = rows.Where(r => r[3] == "fc").Select(r => double.Parse(r[5], CultureInfo.InvariantCulture)).ToList();
        Assert.InRange(head.Min(), 0.0001 - 1e-12, 0.001);
        Assert.InRange(head.Max(), 0.0005, 0.001 + 1e-12);
    }

    [Fact]
    public async Task Schedule_NeitherDataNorSteps_IsRefused()
    {
        var result = await CommandLine.RunAsync("schedule", "--config", trained.Config);
        Assert.NotEqual(0, result.Code);
        Assert.Contains("Give --data, or --steps", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Schedule_Data_CountsTheStepsOfAnEpoch()
    {
        var result = await CommandLine.RunAsync("schedule", "--config", trained.Config, "--data", trained.Data);
        Assert.Equal(0, result.Code);
        // Half of 24 films, four at a time.
        Assert.StartsWith("3 steps per epoch", result.Output, StringComparison.Ordinal);
    }
}

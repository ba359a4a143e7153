using System.Diagnostics;
using CovidCxr.Learning.Training;

namespace CovidCxr.Cli.Tests.Commands;

[Collection(nameof(TrainedModel))]
[Trait("Speed", "Slow")]
public sealed class TrainCommandTests(TrainedModel trained)
{
    [Fact]
    public void Train_OnFilms_WritesAModelAndItsTestFigures()
    {
        Assert.Equal((0, ""), (trained.Training.Code, trained.Training.Error));
        Assert.True(File.Exists(trained.Model));
        Assert.Contains("\ntest\n  accuracy", trained.Training.Output, StringComparison.Ordinal);
        Assert.EndsWith("model.safetensors", trained.Training.Output.TrimEnd(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Path.GetDirectoryName(trained.Model)!, "*.tmp"));
    }

    [Fact]
    public async Task Train_ConfigurationOutOfRange_NamesTheKeyAndFails()
    {
        var result = await CommandLine.RunAsync(
            "train", "--config", trained.Write("bad.json", "films", epochs: 0), "--data", trained.Data, "--out",
            Path.Combine(trained.Data, "bad"));
        Assert.Equal((1, ""), (result.Code, result.Output));
        Assert.Equal("Configuration: epochs must be 1 to 1000.", result.Error.TrimEnd());
    }

    [Theory]
    [InlineData(OptimizerKind.Adam, 1)]
    [InlineData(OptimizerKind.Sgd, 10)]
    public async Task Train_RateThatNoLossSurvives_IsRefusedBeforeTheRun(OptimizerKind optimizer, double rate)
    {
        var options = TrainingConfiguration.FromJson(await File.ReadAllTextAsync(trained.Config, TestContext.Current.CancellationToken));
        var config = Path.Combine(trained.Data, $"{optimizer}-{rate}.json");
        await File.WriteAllTextAsync(
            config, (options with { Optimizer = optimizer, Schedule = options.Schedule with { MaxRate = rate } }).ToJson(),
            TestContext.Current.CancellationToken);
        var output = Path.Combine(trained.Data, $"{optimizer}-{rate}");

        var result = await CommandLine.RunAsync("train", "--config", config, "--data", trained.Data, "--out", output);

        Assert.Equal((1, ""), (result.Code, result.Output));
        Assert.StartsWith($"Configuration: schedule.maxRate must be below {rate} with ", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(output));
    }

    [Fact]
    public async Task Train_MissingSource_NamesItAndFails()
    {
        var result = await CommandLine.RunAsync(
            "train", "--config", trained.Write("gone.json", "gone"), "--data", trained.Data, "--out",
            Path.Combine(trained.Data, "gone-run"));
        Assert.Equal(1, result.Code);
        Assert.Contains("no folder 'gone'", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_ToldToStop_SavesACheckpointThatResumeGoesOnFrom()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no signal to send.");
        var config = trained.Write("long.json", "films", epochs: 400);
        var output = Path.Combine(trained.Data, "long-run");
        string[] command = ["train", "--config", config, "--data", trained.Data, "--out", output];
        var first = await CommandLine.RunAsync(command, InterruptAfterEpoch(1));
        Assert.Equal(1, first.Code);
        Assert.Contains("Interrupted; --resume goes on from here.", first.Output, StringComparison.Ordinal);
        Assert.NotEmpty(Directory.EnumerateFiles(output, "checkpoint-*.ckpt"));

        var second = await CommandLine.RunAsync([.. command, "--resume"], InterruptAfterEpoch(0));
        Assert.Contains("Going on from epoch", second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("epoch   1 ", second.Output, StringComparison.Ordinal);
    }

    // SIGTERM takes the way of Ctrl-C, which a shell in the background would keep from its children. The first line of epochs, or for 0
    // whatever is said after the run has taken up its checkpoint.
    static Action<string, Process> InterruptAfterEpoch(int epoch) => (line, process) =>
    {
        if (line.Contains(epoch == 0 ? "Going on from" : $"epoch {epoch,3}", StringComparison.Ordinal))
        {
            using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            kill.WaitForExit();
        }
    };
}

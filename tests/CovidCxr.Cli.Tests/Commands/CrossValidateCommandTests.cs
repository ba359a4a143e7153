using System.Text.Json;

namespace CovidCxr.Cli.Tests.Commands;

[Collection(nameof(TrainedModel))]
[Trait("Speed", "Slow")]
public sealed class CrossValidateCommandTests(TrainedModel trained)
{
    [Fact]
    public async Task CrossValidate_ThreeFolds_ReportsThemAndTheSecondCallTrainsNothing()
    {
        var output = Path.Combine(trained.Data, "folds");
        string[] command =
            ["cross-validate", "--config", trained.Config, "--data", trained.Data, "--folds", "3", "--group", "none", "--out", output];
        var first = await CommandLine.RunAsync(command);
        Assert.Equal((0, ""), (first.Code, first.Error));
        Assert.All(["fold 1", "fold 3", "mean of 3 folds", "all folds pooled", "WARNING: divided by image"], s =>
            Assert.Contains(s, first.Output, StringComparison.Ordinal));
        using var report = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(output, "cross-validation.json"), TestContext.Current.CancellationToken));
        Assert.Equal(24, report.RootElement.GetProperty("pooled").GetProperty("images").GetInt32());

        var second = await CommandLine.RunAsync(command);
        Assert.Equal(0, second.Code);
        Assert.Contains("Fold 3 was done before.", second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("images/s", second.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--folds", "2", "--folds must be 3 to 20")]
    [InlineData("--group", "image", "'image'")]
    public async Task CrossValidate_OptionOutOfRange_IsRefused(string option, string value, string words)
    {
        var result = await CommandLine.RunAsync("cross-validate", "--config", trained.Config, "--data", trained.Data, option, value);
        Assert.NotEqual(0, result.Code);
        Assert.Contains(words, result.Error, StringComparison.Ordinal);
    }
}

using System.Text.Json;
using CovidCxr.Learning.Checkpoints;

namespace CovidCxr.Cli.Tests.Commands;

[Collection(nameof(TrainedModel))]
[Trait("Speed", "Slow")]
public sealed class GateCommandTests(TrainedModel trained)
{
    const int NotKnown = 3;

    [Fact]
    public async Task Gate_WriteCard_PutsTheFiguresIntoTheFileAndNamesItsNewHash()
    {
        var copy = Path.Combine(trained.Data, "card.safetensors");
        var before = ModelFile.Read(trained.Model);
        ModelFile.Write(copy, before.Header with { Metrics = [] }, before.Tensors, inHalfPrecision: false);

        var result = await CommandLine.RunAsync("gate", copy, "--data", trained.Data, "--write-card", "--json");

        // Four tested films tell nothing.
        Assert.Equal(NotKnown, result.Code);
        var after = ModelFile.Read(copy);
        using var document = JsonDocument.Parse(result.Output);
        Assert.Equal(after.Sha256, document.RootElement.GetProperty("model").GetProperty("sha256").GetString());
        Assert.Equal(before.WeightsHash(), after.WeightsHash());
        Assert.Equal(before.Header.Metrics, after.Header.Metrics);
    }

    [Fact]
    public async Task Gate_WriteCardOfAnotherDataSet_IsRefused()
    {
        var result = await CommandLine.RunAsync(
            "gate", trained.Model, "--data", trained.Data, "--write-card", "--config", trained.Config);

        Assert.NotEqual(0, result.Code);
        Assert.Contains("--write-card goes without --config", result.Error, StringComparison.Ordinal);
    }
}

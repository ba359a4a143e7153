using System.Text.Json;
using CovidCxr.Learning.Training;

namespace CovidCxr.Learning.Tests.Training;

/// <summary>A configuration's JSON through the versions of the program.</summary>
public sealed class TrainingConfigurationTests
{
    // As files and rows were written before there was a version number.
    const string Unnumbered = """
        {
          "name": "resnet18 on films, version 2",
          "architecture": "resnet18",
          "classes": ["COVID-19", "Other"],
          "positiveClass": "COVID-19",
          "data": { "name": "films, version 2", "sources": [{ "path": "films", "manifest": "versions/1.json" }],
            "split": { "train": 0.7 } },
          "schedule": { "shape": "constant", "maxRate": 0.02 },
          "mode": "headOnly"
        }
        """;

    static string Numbered(string version) =>
        Unnumbered.Replace("""  "name": "resnet18""", $"""  "version": {version}, "name": "resnet18""", StringComparison.Ordinal);

    [Fact]
    public void FromJson_OfBeforeThereWasANumber_IsTheFirstVersion()
    {
        var configuration = TrainingConfiguration.FromJson(Unnumbered);

        Assert.Equal(
            (TrainingConfiguration.CurrentVersion, UnfreezingMode.HeadOnly, 0.02),
            (configuration.Version, configuration.Mode, configuration.Schedule.MaxRate));
        Assert.Equal(configuration.ToJson(), TrainingConfiguration.FromJson(Numbered("1")).ToJson());
    }

    [Fact]
    public void ToJson_OfAnyConfiguration_BeginsWithItsVersion()
    {
        using var json = JsonDocument.Parse(TrainingConfiguration.FromJson(Unnumbered).ToJson());

        var first = json.RootElement.EnumerateObject().First();
        Assert.Equal(("version", TrainingConfiguration.CurrentVersion), (first.Name, first.Value.GetInt32()));
    }

    [Theory]
    [InlineData(OptimizerKind.Adam, 0.99, 1)]
    [InlineData(OptimizerKind.Sgd, 9.9, 10)]
    public void Validate_RateThatNoLossSurvives_IsRefused(OptimizerKind optimizer, double highest, double limit)
    {
        TrainingConfiguration At(double rate) => TrainingConfiguration.FromJson(Unnumbered) with
        {
            Optimizer = optimizer,
            Schedule = new(MaxRate: rate)
        };
        At(highest).Validate();
        Assert.Contains(
            $"schedule.maxRate must be below {limit} with {optimizer.ToString().ToLowerInvariant()}",
            Assert.Throws<TrainingException>(At(limit).Validate).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(99)]
    [InlineData(100_001)]
    public void Validate_RangeTestThatShowsNoCurve_IsRefused(int steps) => Assert.Contains(
        "rangeTestSteps must be 100 to 100000",
        Assert.Throws<TrainingException>((TrainingConfiguration.FromJson(Unnumbered) with { RangeTestSteps = steps }).Validate).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("", BestEpoch.LowestLoss)]
    [InlineData("""
        "bestEpoch": "largestArea",
        """, BestEpoch.LargestArea)]
    public void BestEpochOf_AStoredConfiguration_IsItsChoice(string line, BestEpoch expected)
    {
        Assert.Equal(
            expected, TrainingConfiguration.BestEpochOf(Unnumbered.Replace("\"mode\"", line + "\"mode\"", StringComparison.Ordinal)));
        Assert.Equal(BestEpoch.LowestLoss, TrainingConfiguration.BestEpochOf("no JSON"));
    }

    [Theory]
    [InlineData("99", "version 99")]
    [InlineData("0", "version 0")]
    [InlineData("\"one\"", "whole number")]
    public void FromJson_OfAnUnknownVersion_IsRefusedByItsNumber(string version, string words) =>
        Assert.Contains(
            words, Assert.Throws<TrainingException>(() => TrainingConfiguration.FromJson(Numbered(version))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Upgraded_OfAStoredConfiguration_IsWhatWouldBeWrittenToday()
    {
        var today = TrainingConfiguration.FromJson(Unnumbered).ToJson();

        Assert.Equal(today, TrainingConfiguration.Upgraded(Unnumbered));
        Assert.Equal(today, TrainingConfiguration.Upgraded(today));
    }

    [Theory]
    [InlineData("""{"epochs":2}""")]
    [InlineData("no JSON")]
    public void Upgraded_OfWhatCannotBeRead_IsAsItWasStored(string stored) => Assert.Equal(stored, TrainingConfiguration.Upgraded(stored));
}

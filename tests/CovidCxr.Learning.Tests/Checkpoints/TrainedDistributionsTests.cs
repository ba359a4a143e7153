using CovidCxr.Learning.Checkpoints;
using CovidCxr.Statistics.Drift;
using CovidCxr.Testing;

namespace CovidCxr.Learning.Tests.Checkpoints;

public class TrainedDistributionsTests
{
    [Fact]
    public void Header_WithDistributions_ReadsThemAsTheyWereWritten()
    {
        var header = TestHeader.Of() with { Distributions = TrainedDistributions.Of([0.1, 0.119, 1], []) };

        var read = ModelHeader.FromJson(header.ToJson());

        Assert.Equal(header.ToJson(), read.ToJson());
        Assert.Equal([10, 11, 99], read.Distributions!.Scores.Counts.Index().Where(c => c.Item > 0).Select(c => c.Index));
    }

    [Fact]
    public void Header_OfBeforeTheyWereKept_HasNone() =>
        Assert.Null(
            ModelHeader.FromJson(TestHeader.Of().ToJson().Replace("\"distributions\":null,", "", StringComparison.Ordinal)).Distributions);

    [Theory]
    [InlineData(0, 1, -1)]
    [InlineData(0, 1, int.MaxValue)]
    [InlineData(1, 1, 1)]
    public void Header_WithDistributionsThatCannotBe_IsRefused(double low, double high, int count)
    {
        var sound = TrainedDistributions.Of([], []);

        var header = TestHeader.Of() with { Distributions = sound with { Means = new Histogram(low, high, [count]) } };

        Assert.Throws<ModelFileException>(() => ModelHeader.FromJson(header.ToJson()));
    }
}

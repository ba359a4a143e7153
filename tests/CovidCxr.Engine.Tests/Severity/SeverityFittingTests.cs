using CovidCxr.Engine.Severity;
using CovidCxr.Imaging.Augmentation;

namespace CovidCxr.Engine.Tests.Severity;

public sealed class SeverityFittingTests
{
    // Scores that are a line of two features, and a third feature that says nothing.
    static List<ScoredFilm> Films(int count, int zones)
    {
        var random = new SplitMix64(5);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            float[][] inputs =
                [.. Enumerable.Range(0, zones).Select(_ => Enumerable.Range(0, 3).Select(_ => (float)random.NextDouble()).ToArray())];
            return new ScoredFilm(i / 2, inputs, [.. inputs.Select(x => 0.5 + x[0] + (0.5 * x[1]))]);
        })];
    }

    [Theory]
    [InlineData(6)]
    [InlineData(1)]
    public void Fit_OfALine_FindsIt(int zones)
    {
        var (weights, bias) = SeverityFitting.Fit(Films(60, zones), penalty: 1e-9);

        Assert.Equal(1, weights[0], 1e-3f);
        Assert.Equal(0.5, weights[1], 1e-3f);
        Assert.Equal(0, weights[2], 1e-3f);
        Assert.Equal(0.5, bias, 1e-3);
    }

    [Fact]
    public void CrossValidate_OfALine_IsRight_AndStaysBelowTheTopOfTheScale()
    {
        var films = Films(60, zones: 1);
        var said = SeverityFitting.CrossValidate(films, [], max: 1.2, penalty: 1e-9, folds: 5, seed: 1);

        Assert.All(said.Zip(films), f => Assert.Equal(Math.Min(1.2, f.Second.Scores[0]), f.First[0], 1e-3));
        Assert.Contains(said, s => s[0] == 1.2);
    }
}

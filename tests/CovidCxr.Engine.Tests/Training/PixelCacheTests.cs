using CovidCxr.Learning.Data;
using CovidCxr.Testing;

namespace CovidCxr.Engine.Tests.Training;

public sealed class PixelCacheTests : IDisposable
{
    readonly FilmFolder _folder = FilmFolder.WithFilms(patientsPerClass: 8);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(5 * 32 * 32)]
    public void Training_WithAFullCache_EndsWithTheSameBits(long limit)
    {
        string Train(PixelCache cache)
        {
            var data = DataSet.Load(
                Runs.Options.Data, _folder.Root, Runs.Options.Classes, Runs.Preset, Runs.Options.Seed, cache, null,
                TestContext.Current.CancellationToken);
            using var state = TinyRuns.Start(Runs.Options, data);
            TinyRuns.Train(state);
            return TinyRuns.Hash(state);
        }

        var small = new PixelCache(limit, _folder.Output("cache"));
        Assert.Equal(Train(PixelCache.Default()), Train(small));
        Assert.Equal((limit, (16 * 32 * 32) - limit), (small.HeldBytes, small.FileBytes));
    }
}

using CovidCxr.Learning.Data;
using CovidCxr.Testing;

namespace CovidCxr.Learning.Tests.Data;

public sealed class PixelCacheTests : IDisposable
{
    readonly FilmFolder _folder = FilmFolder.WithFilms(patientsPerClass: 8);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Store_FromManyThreads_KeepsTheLimitAndEveryByte()
    {
        var cache = new PixelCache(50_500, _folder.Output("cache"));
        var stored = new CachedPixels[200];
        Parallel.For(0, 200, i =>
        {
            stored[i] = cache.Store(Pixels(i));
            Assert.InRange(cache.HeldBytes, 0, 50_500);
        });
        Assert.Equal((50_000, 150_000), (cache.HeldBytes, cache.FileBytes));
        Parallel.For(0, 200, i => Assert.Equal(Pixels(i), stored[i].ToArray()));
    }

    [Fact]
    public void Store_BeyondTheLimit_LeavesNoFileThatOthersCanOpen()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows shows the file while it is open.");
        var place = _folder.Output("cache");
        var cache = new PixelCache(0, place);
        var stored = cache.Store(Pixels(1));
        Assert.Empty(Directory.EnumerateFileSystemEntries(place));
        Assert.Equal(Pixels(1), stored.ToArray());
    }

    [Fact]
    public void Load_CacheThatCannotBeWritten_IsRefusedWithTheReason()
    {
        var refusal = Assert.Throws<DataSetException>(() => DataSet.Load(
            Runs.Options.Data, _folder.Root, Runs.Options.Classes, Runs.Preset, 1, new PixelCache(0, Path.Combine(_folder.Root, "gone")),
            null, TestContext.Current.CancellationToken));
        Assert.Contains("The decoded images cannot be kept", refusal.Message, StringComparison.Ordinal);
    }

    static byte[] Pixels(int seed) => [.. Enumerable.Range(0, 1000).Select(i => (byte)(i * (seed + 3)))];
}

using CovidCxr.Imaging.Rendering;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Laboratory.Tests.Runs;

namespace CovidCxr.Laboratory.Tests.DataSets;

/// <summary>A folder with links: none is followed, and each is counted.</summary>
public sealed class FolderLinkTests : IDisposable
{
    readonly DataSetBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Preview_OfAFolderWithLinks_CountsThemAndFollowsNone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        var folder = Directory.CreateDirectory(Path.Combine(_bench.Root.Path, "linked")).FullName;
        foreach (var (label, seed) in new[] { ("COVID-19", 1), ("Normal", 2) })
        {
            Directory.CreateDirectory(Path.Combine(folder, label));
            await File.WriteAllBytesAsync(
                Path.Combine(folder, label, "film.png"), PngEncoder.Encode(FilmFolders.Film(seed)), DataSetBench.Cancellation);
        }

        Directory.CreateSymbolicLink(Path.Combine(folder, "COVID-19", "again"), ".");
        File.CreateSymbolicLink(Path.Combine(folder, "Normal", "other.png"), Path.Combine(folder, "COVID-19", "film.png"));

        var preview = await new PreviewImport(_bench.Sources)
            .RunAsync(new(null, "linked"), null, DataSetBench.Admin, DataSetBench.Cancellation);

        Assert.Equal(2, preview.Images);
        Assert.Contains(preview.Remarks, r => r.Contains("2 links are not followed", StringComparison.Ordinal));
    }
}

using CovidCxr.Domain.DataSets;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Laboratory.Tests.Runs;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Testing;

namespace CovidCxr.Laboratory.Tests.DataSets;

/// <summary>Every image keeps the collection that it comes from, whatever the way in.</summary>
public sealed class SourceTests : IDisposable
{
    readonly DataSetBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Import_OfAFolder_IsASourceOfItsName()
    {
        FilmFolders.WriteClasses(_bench.Root.Path, "north", ("COVID-19", 2), ("Normal", 2));

        var version = await _bench.ImportAsync(new(null, "north"));

        Assert.All(_bench.Manifest(version).Images, i => Assert.Equal("north", i.Source));
        Assert.Equal(
            [new("north", "COVID-19", 2, 2, 0), new SourceCount("north", "Normal", 2, 2, 0)],
            (await _bench.FindingsAsync(version)).Sources);
    }

    [Fact]
    public async Task Import_OfFoldersAboveTheClasses_IsASourceForEach()
    {
        FilmFolders.WriteClasses(Path.Combine(_bench.Root.Path, "both"), "north", ("COVID-19", 2), ("Normal", 2));
        FilmFolders.WriteClasses(Path.Combine(_bench.Root.Path, "both"), "south", ("COVID-19", 3), ("Normal", 1));

        var version = await _bench.ImportAsync(new(null, "both"), new() { ClassLevel = 2 });

        Assert.Equal(
            [("both/north", 4), ("both/south", 4)],
            _bench.Manifest(version).Images.GroupBy(i => i.Source!).OrderBy(g => g.Key).Select(g => (g.Key, g.Count())));
        Assert.Contains(
            "Folders name 2 collections: north 4, south 4.", (await _bench.PreviewAsync("both", new() { ClassLevel = 2 })).Remarks);
    }

    [Fact]
    public async Task Import_IntoADataSet_HoldsBothSourcesAndTellsTheirPatientsApart()
    {
        FilmFolders.WriteClasses(_bench.Root.Path, "north", ("COVID-19", 2), ("Normal", 2));
        FilmFolders.WriteTable(_bench.Root.Path, "south", ("COVID-19", 3), ("Normal", 3));
        FilmFolders.WriteTable(_bench.Root.Path, "west", ("COVID-19", 3));
        var first = await _bench.ImportAsync(new(null, "south"), name: "all");
        var divided = await _bench.ChangeAsync(
            c => c.DivideAsync(first.Id, new(ValidationShare: 0.5), DataSetBench.Admin, DataSetBench.Cancellation));

        var second = await AddAsync("west", divided);
        var third = await AddAsync("north", second);

        Assert.Equal((DataSetState.Ready, "all", 4, 13, 13, false), (
            third.State, third.Name, third.Number, third.Images, third.Patients, third.IsDivided));
        var images = _bench.Manifest(third).Images;
        Assert.Equal(
            ["north 4", "south 6", "west 3"],
            images.GroupBy(i => i.Source).OrderBy(g => g.Key).Select(g => $"{g.Key} {g.Count()}"));
        Assert.All(images, i => Assert.True(File.Exists(Path.Combine(_bench.Places.Root, i.Path))));
        Assert.Contains(
            "All 3 images of the source 'west' are COVID-19: telling sources apart is as good there as telling classes.",
            (await _bench.FindingsAsync(third)).Remarks);
        // Patient p2 of the one collection is not p2 of the other; their films are the same drawings, which joins them.
        Assert.Equal(3, images.Count(i => i.Source == "west" && images.Any(o => o.Source == "south" && o.Patient == i.Patient)));
    }

    [Fact]
    public async Task Import_WithLungMasks_BringsThemToTheTestWithoutLungs()
    {
        FilmFolders.WriteClasses(_bench.Root.Path, "north", ("COVID-19", 3), ("Normal", 2));
        Write("north/lung-masks/COVID-19-0.png", PngEncoder.Encode(FilmFolder.Mask(40, x => x < 20)));
        Write("north/lung-masks/Normal-1.png", PngEncoder.Encode(FilmFolder.Mask(40, x => x >= 20)));
        Write("north/lung-masks/COVID-19-1.png", [1, 2, 3]);
        Write("north/lung-masks-fields/COVID-19-2.png", PngEncoder.Encode(FilmFolder.Mask(40, x => x >= 20)));

        var version = await _bench.ImportAsync(new(null, "north"));

        var manifest = _bench.Manifest(version);
        Assert.Equal(5, manifest.Images.Count);
        Assert.Equal(
            ["COVID-19-0.png", "Normal-1.png"],
            manifest.Images.Where(i => i.LungMask is not null).Select(i => Path.GetFileName(i.Path)).Order());
        var source = new DataSource("films", Manifest: DataSetPlaces.ManifestOf(version.Id), ManifestHash: version.ManifestHash);
        var data = DataSet.LoadForTest(
            new("films", [source], new()), _bench.Places.Root, ["COVID-19", "Normal"], PreprocessingPreset.Square(32),
            PixelCache.Default(), null, DataSetBench.Cancellation);
        Assert.Equal(2, LungMasks.Apply(data.Samples, _bench.Places.Root, PreprocessingPreset.Square(32)).Pairs.Count);
        Assert.All(data.Samples, s => Assert.Equal("north", s.Image.File.Source));
    }

    [Fact]
    public async Task Import_OfEqualNamesInTwoSources_KeepsThemOnOneSide()
    {
        FilmFolders.WriteClasses(_bench.Root.Path, "north", ("COVID-19", 4), ("Normal", 4));
        FilmFolders.WriteClasses(_bench.Root.Path, "south", ("COVID-19", 4), ("Normal", 4));
        // The same films, of which one is cropped beyond what a hash finds.
        Write("south/COVID-19/COVID-19-0.png", PngEncoder.Encode(FilmFolders.Film(77)));

        var both = await AddAsync("south", await _bench.ImportAsync(new(null, "north"), name: "both"));

        var images = _bench.Manifest(both).Images.ToList();
        var groups = new ImageManifest("", null, images).GroupsOf(images);
        Assert.All(
            images.Zip(groups).GroupBy(p => Path.GetFileName(p.First.Path)), pair => Assert.Single(pair.Select(p => p.Second).Distinct()));
    }

    [Fact]
    public async Task Manifest_OfBeforeSourcesWereKept_OpensAndIsOneSourceOfItsName()
    {
        FilmFolders.WriteClasses(_bench.Root.Path, "north", ("COVID-19", 2), ("Normal", 2));
        var version = await _bench.ImportAsync(new(null, "north"), name: "old");
        var manifest = _bench.Manifest(version);
        var old = manifest with { Images = [.. manifest.Images.Select(i => i with { Source = null })] };
        var path = Path.Combine(_bench.Places.Root, "old.json");
        old.Write(path);
        Assert.DoesNotContain("\"source\"", await File.ReadAllTextAsync(path, DataSetBench.Cancellation), StringComparison.Ordinal);

        var read = ImageManifest.Read(path, null);

        Assert.Equal(old.Images, read.Images);
        Assert.All(read.With([]).Images, i => Assert.Equal("old", i.Source));
    }

    async Task<DataSetVersion> AddAsync(string folder, DataSetVersion to)
    {
        var origin = new ImportOrigin(null, folder);
        var preview = await new PreviewImport(_bench.Sources).RunAsync(origin, null, DataSetBench.Admin, DataSetBench.Cancellation);
        var id = await _bench.StartAsync(
            "", new(origin, preview.Mapping, preview.Classes.ToDictionary(c => c.Class, c => c.Class)) { AddedTo = to.Id });
        await _bench.WorkAsync();
        return await _bench.FindAsync(id);
    }

    void Write(string path, byte[] content)
    {
        var full = Path.Combine(_bench.Root.Path, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, content);
    }
}

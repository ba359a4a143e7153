using System.Diagnostics;
using CovidCxr.Domain.DataSets;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Learning.Data;
using CovidCxr.Testing;

namespace CovidCxr.Laboratory.Tests.DataSets;

/// <summary>Real collections, where they lie beside the repository: what a good importer must find by itself.</summary>
[Trait("Speed", "Slow")]
public sealed class SharedImportTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Import_OfDarkCovidNetBesideCohen_FindsItsPatientsConflictsAndBorrowedImages()
    {
        using var bench = new DataSetBench(root: RootOrSkip());
        var cohen = await bench.ImportAsync(new(null, "covid-chestxray"), name: "cohen");
        var watch = Stopwatch.StartNew();

        var version = await bench.ImportAsync(new(null, "darkcovidnet"), name: "dark");
        var imported = watch.Elapsed;
        var findings = await bench.FindingsAsync(version);

        output.WriteLine(
            $"{version.Images} images imported in {imported.TotalSeconds:F1} s, found in {(watch.Elapsed - imported).TotalSeconds:F1} s, "
                + $"peak of the process {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MB");
        findings.Found.ToList().ForEach(f => output.WriteLine($"{f.Kind}: {f.Words}"));
        Assert.Equal((DataSetState.Ready, 390, 227), (cohen.State, cohen.Images, cohen.Patients));
        Assert.Equal((DataSetState.Ready, 1124), (version.State, version.Images));
        Assert.Equal([124, 500, 500], findings.Classes.Select(c => c.Images));
        // The README of the data: 21 NIH patients stand in both classes, and most COVID-19 images are in the Cohen collection too.
        Assert.Contains("21 patients", Words(FindingKind.PatientInTwoClasses), StringComparison.Ordinal);
        Assert.InRange(findings.Found.Single(f => f.Kind == FindingKind.InOtherDataSets).Images, 58, 124);
        Assert.Contains(findings.Found, f => f.Kind == FindingKind.Imbalance);
        Assert.Contains(findings.Found, f => f.Kind == FindingKind.SizeTellsClass);

        string Words(FindingKind kind) => findings.Found.Single(f => f.Kind == kind).Words;
    }

    [Fact]
    public async Task Import_OfBothIntoOneDataSet_KeepsEveryFilmOfOneNameOnOneSide()
    {
        using var bench = new DataSetBench(root: RootOrSkip());
        var cohen = await bench.ImportAsync(new(null, "covid-chestxray"), name: "both");
        var origin = new ImportOrigin(null, "darkcovidnet");
        var preview = await bench.PreviewAsync("darkcovidnet");
        var id = await bench.StartAsync(
            "", new(origin, preview.Mapping, preview.Classes.ToDictionary(c => c.Class, c => c.Class)) { AddedTo = cohen.Id });
        await bench.WorkAsync();

        var images = bench.Manifest(await bench.FindAsync(id)).Images;
        int Apart(IReadOnlyList<ManifestImage> of)
        {
            var groups = new ImageManifest("", null, of).GroupsOf(of);
            return of.Zip(groups).GroupBy(p => Path.GetFileNameWithoutExtension(p.First.Path)).Count(
                g => g.Count() > 1 && g.Select(p => p.Second).Distinct().Count() > 1);
        }

        var without = Apart([.. images.Select(i => i with { Source = null, Patient = i.PatientOfSource })]);
        output.WriteLine($"{Apart(images)} films of one name stand apart; without their sources {without}.");
        Assert.Equal(328, images.Count(i => i.LungMask is not null));
        Assert.Equal(0, Apart(images));
        Assert.InRange(without, 20, 101);
    }

    static string RootOrSkip()
    {
        var root = SharedData.Root("darkcovidnet");
        Assert.SkipUnless(root is not null, "The development X-rays are not on this machine.");
        return root!;
    }
}

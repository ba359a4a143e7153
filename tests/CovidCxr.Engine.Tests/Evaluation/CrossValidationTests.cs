using System.Text.Json;
using CovidCxr.Engine.Evaluation;
using CovidCxr.Engine.Training;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Training;
using CovidCxr.Testing;

namespace CovidCxr.Engine.Tests.Evaluation;

[Trait("Speed", "Slow")]
public sealed class CrossValidationTests : IDisposable
{
    const int Films = 36;

    static readonly TrainingConfiguration Options = Runs.Options with { Epochs = 2, Augmentation = AugmentationOptions.None };

    readonly FilmFolder _folder = FilmFolder.WithFilms(patientsPerClass: 9, filmsPerPatient: 2);
    readonly List<string> _notes = [];
    readonly List<int> _begun = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_ThreeFolds_TestsEveryFilmOnceByAModelThatNeverSawItsPatient()
    {
        var output = _folder.Output();
        var report = Run(output)!;
        Assert.Equal([1, 2, 3], _begun);
        Assert.Equal((3, 3, Films), (report.Folds, report.PerFold.Count, report.Pooled.Images));
        Assert.Equal(Films, report.PerFold.Sum(f => f.Figures.Images));
        Assert.All(report.PerFold, f => Assert.Equal((12, 12, 12), (f.TrainingImages, f.ValidationImages, f.Figures.Images)));

        var tested = new List<string>();
        foreach (var fold in Enumerable.Range(1, 3))
        {
            var manifest = JsonSerializer.Deserialize<DataManifest>(
                File.ReadAllText(Path.Combine(output, $"fold-{fold}", "manifest.json")), JsonSerializerOptions.Web)!;
            var patients = manifest.Entries.ToLookup(e => e.Part, e => Path.GetFileName(e.Path)[..3]);
            Assert.Empty(patients["test"].Intersect(patients["training"].Concat(patients["validation"])));
            Assert.Equal(6, manifest.Entries.Count(e => e is { Part: "test", Class: "COVID-19" }));
            tested.AddRange(manifest.Entries.Where(e => e.Part == "test").Select(e => e.Path));
        }

        Assert.Equal(Films, tested.Distinct().Count());
    }

    [Fact]
    public void Run_MeansOfFolds_AreTheFoldsMeans()
    {
        var report = Run(_folder.Output())!;
        var accuracies = report.PerFold.Select(f => f.Figures[FigureSet.Accuracy].ByImage.Value!.Value).ToList();
        var mean = report.Means.Single(m => m.Name == FigureSet.Accuracy);
        Assert.Equal(accuracies.Average(), mean.Mean.Value!.Value, 1e-12);
        Assert.Equal((accuracies.Min(), accuracies.Max()), (mean.Lowest, mean.Highest));
        // The folds are of equal size.
        Assert.Equal(mean.Mean.Value!.Value, report.Pooled[FigureSet.Accuracy].ByImage.Value!.Value, 1e-12);
    }

    [Fact]
    public void Run_InterruptedInTheSecondFold_GoesOnThereAndReportsTheSame()
    {
        var whole = Run(_folder.Output("whole"))!.ToJson();
        var output = _folder.Output();
        using (var interrupt = new CancellationTokenSource())
        {
            var steps = 0;
            Assert.Null(Run(output, interrupt.Token, _ => CancelIf(interrupt, ++steps == 8)));
        }

        Assert.True(File.Exists(Path.Combine(output, "fold-1", "fold.json")));
        Assert.False(File.Exists(Path.Combine(output, "fold-2", "fold.json")));
        _notes.Clear();
        Assert.Equal(whole, Run(output)!.ToJson());
        Assert.Contains("Fold 1 was done before.", _notes);
        Assert.Contains(_notes, n => n.StartsWith("Going on from epoch", StringComparison.Ordinal));

        File.WriteAllText(Path.Combine(output, "fold-3", "fold.json"), "{ damaged");
        Assert.Equal(whole, Run(output)!.ToJson());
    }

    [Fact]
    public void Run_WhoseProcessDiedForMemory_GoesOnWithHalfTheBatchInEveryFold()
    {
        var output = _folder.Output();
        Directory.CreateDirectory(output);
        new MemoryShortages(output).Add();

        Run(output);

        Assert.Equal(3, _notes.Count(n => n == "Memory has run out before. Batches hold 2 images from there on, not 4."));
        Assert.Equal(1, new MemoryShortages(output).Count);
    }

    [Fact]
    public void Run_DividedByImage_WarnsAndCountsThePatientsOnBothSides()
    {
        var report = Run(_folder.Output(), options: Options with { Data = Options.Data with { GroupBy = GroupBy.Image } })!;
        Assert.Equal("image", report.GroupedBy);
        Assert.Matches(@"^WARNING: divided by image .* Images of one patient stand on both sides: \d+ of 36 ", report.Statements[0]);
        Assert.DoesNotContain(": 0 of 36", report.Statements[0], StringComparison.Ordinal);
        // The interval still knows that a patient has two films.
        Assert.Equal((36, 18), (report.Pooled.Images, report.Pooled.Patients));
    }

    [Fact]
    public void Run_OnAVersionInFolds_TestsTheFoldsAsTheyStand()
    {
        var (options, manifest) = InFolds(3);
        var output = _folder.Output();

        var report = Run(output, options: options)!;

        foreach (var fold in Enumerable.Range(1, 3))
        {
            var tested = JsonSerializer.Deserialize<DataManifest>(
                File.ReadAllText(Path.Combine(output, $"fold-{fold}", "manifest.json")), JsonSerializerOptions.Web)!.Entries
                .Where(e => e.Part == "test");
            Assert.Equal(manifest.Images.Where(i => i.Fold == fold).Select(i => i.Path), tested.Select(e => e.Path));
        }

        Assert.Contains("as the data set version is", report.Statements[0], StringComparison.Ordinal);
        Assert.Equal(Films, report.Pooled.Images);
    }

    [Fact]
    public void Run_OnAVersionInOtherFolds_IsRefused()
    {
        var refusal = Assert.Throws<DataSetException>(() => Run(_folder.Output(), folds: 3, options: InFolds(4).Options));
        Assert.Contains("other folds than 3", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_WithHeatMaps_DrawsEveryConfusedImageByTheNetworkOfItsFold()
    {
        var output = _folder.Output();
        var validation = new CrossValidation(Options, _folder.Root, output, new StoppedClock())
        {
            Create = () => TinyRuns.Network(7),
            DrawsHeatMaps = true
        };
        var report = validation.Run(3, new(_ => { }, _ => { }, _ => { }, _ => { }), TestContext.Current.CancellationToken)!;

        Assert.Equal(12, report.MostConfused.Count);
        Assert.All(report.MostConfused, c => Assert.Equal((4, 4), (c.HeatMap!.Width, c.HeatMap.Height)));
        Assert.DoesNotContain("heatMap", report.ToJson(), StringComparison.OrdinalIgnoreCase);
    }

    (TrainingConfiguration Options, ImageManifest Manifest) InFolds(int folds)
    {
        var images = Directory.GetFiles(Path.Combine(_folder.Root, "films"), "*.png", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Select(file =>
            {
                var found = InspectedImage.Of(File.ReadAllBytes(file), TrainingDecoders.Here.Films);
                return new ManifestImage(
                    Path.GetRelativePath(_folder.Root, file), Path.GetFileName(Path.GetDirectoryName(file))!, Path.GetFileName(file)[..3],
                    found.Sha256, found.PixelHash, found.Hash?.ToString(), found.Width, found.Height);
            });
        // Not the run's seed: what the manifest says counts.
        var manifest = new ImageManifest("films", null, [.. images]).InFolds(folds, seed: 77, GroupBy.Patient);
        var hash = manifest.Write(Path.Combine(_folder.Root, "m.json"));
        return (
            Options with { Data = Options.Data with { Sources = [new("films, version 1", Manifest: "m.json", ManifestHash: hash)] } },
            manifest);
    }

    [Fact]
    public void Run_MoreFoldsThanPatientsOfAClass_IsRefused()
    {
        var refusal = Assert.Throws<DataSetException>(() => Run(_folder.Output(), folds: 10));
        Assert.Contains("9 patients only: too few for 10 folds", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_ClassWithoutImages_IsRefusedByName()
    {
        var refusal = Assert.Throws<DataSetException>(
            () => Run(_folder.Output(), options: Options with { Classes = ["COVID-19", "Other", "Tuberculosis"] }));
        Assert.Contains("'Tuberculosis' has no image", refusal.Message, StringComparison.Ordinal);
    }

    CrossValidationReport? Run(
        string output, CancellationToken? cancellation = null, Action<TrainingState>? step = null, int folds = 3,
        TrainingConfiguration? options = null) =>
        new CrossValidation(options ?? Options, _folder.Root, output, new StoppedClock()) { Create = () => TinyRuns.Network(7) }
            .Run(folds, new(_notes.Add, _begun.Add, step ?? (_ => { }), _ => { }), cancellation ?? TestContext.Current.CancellationToken);

    static void CancelIf(CancellationTokenSource source, bool isTime)
    {
        if (isTime)
        {
            source.Cancel();
        }
    }

    sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2021, 5, 31, 0, 0, 0, TimeSpan.Zero);
    }
}

using CovidCxr.Domain.DataSets;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Laboratory.Tests.Runs;
using CovidCxr.Learning.Data;

namespace CovidCxr.Laboratory.Tests.DataSets;

/// <summary>What is found in a version, and what each remedy makes of it.</summary>
public sealed class FindingTests : IDisposable
{
    readonly DataSetBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Find_InGoodFilms_FindsNothing()
    {
        Write("a", "COVID-19", (1, "00000001_000"), (2, "00000002_000"));
        Write("a", "Other", (3, "00000003_000"), (4, "00000004_000"));

        Assert.Empty((await _bench.FindingsAsync(await _bench.ImportAsync(new(null, "a")))).Found);
    }

    [Fact]
    public async Task Find_AnUnreadableFile_NamesItAndLeavesItOutOnRequest()
    {
        Write("a", "COVID-19", (1, "a"), (2, "b"));
        File.WriteAllText(Path.Combine(_bench.Root.Path, "a/COVID-19/c.png"), "text");

        await RemedyAsync(FindingKind.Unreadable, images: 1, left: ["a.png", "b.png"]);
    }

    [Fact]
    public async Task Find_EqualPixelsInAnotherFile_KeepsTheFirst()
    {
        Write("a", "COVID-19", (1, "a"), (2, "b"), (1, "c"));

        await RemedyAsync(FindingKind.ExactDuplicates, images: 2, left: ["a.png", "b.png"]);
    }

    [Fact]
    public async Task Decide_OnTheSameFilmAtAnotherSize_KeepsTheLarger()
    {
        var (version, pair) = await LookalikesAsync();

        var next = await DecideAsync(version, pair, isSameFilm: true);

        Assert.Equal(("large.png", "small.png"), (Path.GetFileName(pair.Larger.Name), Path.GetFileName(pair.Smaller.Name)));
        Assert.InRange(pair.Correlation!.Value, 0.9, 1);
        Assert.Equal(["b.png", "large.png"], _bench.Manifest(next).Images.Select(i => Path.GetFileName(i.Path)).Order());
        Assert.Empty((await _bench.FindingsAsync(next)).Found);
    }

    [Fact]
    public async Task Decide_OnDifferentFilms_KeepsBothAndAsksNoMore()
    {
        var (version, pair) = await LookalikesAsync();

        var next = await DecideAsync(version, pair, isSameFilm: false);

        Assert.Equal(3, _bench.Manifest(next).Images.Count);
        Assert.DoesNotContain((await _bench.FindingsAsync(next)).Found, f => f.Kind == FindingKind.NearDuplicates);
        Assert.Equal([0, 1, 2], _bench.Manifest(next).GroupsOf(_bench.Manifest(next).Images).Order());
    }

    [Fact]
    public async Task Decide_OnImagesThatAreNotThere_IsRefusedInWords()
    {
        var (version, _) = await LookalikesAsync();

        var refused = await _bench.Change.DecideAsync(version.Id, [new(0, 3, true)], DataSetBench.Admin, DataSetBench.Cancellation);

        Assert.Contains("not in this version", Assert.IsType<ChangeDataSetResult.Refused>(refused).Message, StringComparison.Ordinal);
    }

    async Task<(DataSetVersion Version, LookalikePair Pair)> LookalikesAsync()
    {
        Write("a", "COVID-19", (2, "b"));
        var large = PhantomDrawer.Draw(PhantomKind.Clear, 1, size: 256, bits: 8);
        await File.WriteAllBytesAsync(
            Path.Combine(_bench.Root.Path, "a/COVID-19/large.png"), PngEncoder.Encode(large), DataSetBench.Cancellation);
        await File.WriteAllBytesAsync(
            Path.Combine(_bench.Root.Path, "a/COVID-19/small.png"), PngEncoder.Encode(Shrunk(large, 200)), DataSetBench.Cancellation);
        var version = await _bench.ImportAsync(new(null, "a"));
        var found = (await _bench.FindingsAsync(version)).Found.Single(f => f.Kind == FindingKind.NearDuplicates);
        Assert.Equal((2, null), (found.Images, found.Remedy));
        return (version, Assert.Single(found.Pairs));
    }

    Task<DataSetVersion> DecideAsync(DataSetVersion version, LookalikePair pair, bool isSameFilm) => _bench.ChangeAsync(
        c => c.DecideAsync(
            version.Id, [new(pair.Larger.Index, pair.Smaller.Index, isSameFilm)], DataSetBench.Admin, DataSetBench.Cancellation));

    [Fact]
    public async Task Find_TheSameFilmUnderTwoClasses_LeavesBothOut()
    {
        Write("a", "COVID-19", (1, "a"), (2, "b"));
        Write("a", "Other", (1, "c"), (3, "d"));

        await RemedyAsync(FindingKind.ConflictingLabels, images: 2, left: ["b.png", "d.png"]);
    }

    [Fact]
    public async Task Find_APatientInTwoClasses_LeavesThePatientOut()
    {
        Write("a", "COVID-19", (1, "00000001_000"), (2, "00000002_000"));
        Write("a", "Other", (3, "00000001_001"), (4, "00000004_000"));

        await RemedyAsync(FindingKind.PatientInTwoClasses, images: 2, left: ["00000002_000.png", "00000004_000.png"]);
    }

    [Fact]
    public async Task Find_ALateralView_LeavesItOut()
    {
        Write("a", "images", (1, "a"), (2, "b"));
        await File.WriteAllLinesAsync(
            Path.Combine(_bench.Root.Path, "a/metadata.csv"),
            ["patientid,finding,view,filename", "1,COVID-19,PA,a.png", "2,COVID-19,L,b.png"], DataSetBench.Cancellation);

        await RemedyAsync(FindingKind.NotFrontal, images: 1, left: ["a.png"]);
    }

    [Fact]
    public async Task Find_ClassesOutOfBalance_DrawsAsManyOfEach()
    {
        Write("a", "COVID-19", (1, "a"), (2, "b"));
        Write("a", "Other", (3, "c"), (4, "d"), (5, "e"), (6, "f"));

        var version = await _bench.ImportAsync(new(null, "a"));
        var next = await _bench.ChangeAsync(
            c => c.RemedyAsync(version.Id, FindingKind.Imbalance, DataSetBench.Admin, DataSetBench.Cancellation));

        Assert.Equal([2, 2], (await _bench.FindingsAsync(next)).Classes.Select(c => c.Images));
    }

    [Fact]
    public async Task Find_AnImageOfAnotherDataSet_SaysWhereElseItIs()
    {
        Write("a", "COVID-19", (1, "a"), (2, "b"));
        Write("b", "Sick", (9, "x"), (2, "y"));
        await _bench.ImportAsync(new(null, "b"), name: "second");

        var found = await RemedyAsync(FindingKind.InOtherDataSets, images: 1, left: ["a.png"]);

        Assert.Equal("also in second as Sick", found.Groups.Single().Note);
    }

    [Fact]
    public async Task Find_BesideADamagedDataSet_SaysSoAndFindsTheRest()
    {
        Write("a", "COVID-19", (1, "a"), (2, "b"), (1, "c"));
        Write("b", "Sick", (9, "x"), (2, "y"));
        var damaged = await _bench.ImportAsync(new(null, "b"), name: "second");
        var version = await _bench.ImportAsync(new(null, "a"));
        await File.AppendAllTextAsync(
            Path.Combine(_bench.Places.Root, DataSetPlaces.ManifestOf(damaged.Id)), " ", DataSetBench.Cancellation);

        var findings = await _bench.FindingsAsync(version);

        Assert.Equal(FindingKind.ExactDuplicates, Assert.Single(findings.Found).Kind);
        Assert.Contains(
            findings.Remarks, r => r.StartsWith("Not compared with the data set second, version 1: ", StringComparison.Ordinal));
        Assert.Contains(
            "SHA-256 differs",
            Assert.IsType<FindProblemsResult.Refused>(
                await _bench.Find.RunAsync(damaged.Id, DataSetBench.Admin, DataSetBench.Cancellation)).Message,
            StringComparison.Ordinal);
        Assert.IsType<ChangeDataSetResult.Refused>(
            await _bench.Change.RemedyAsync(damaged.Id, FindingKind.ExactDuplicates, DataSetBench.Admin, DataSetBench.Cancellation));
        var table = await new LayOutLightTable(_bench.Folder, _bench.Places, _bench.Audit)
            .RunAsync(damaged.Id, 0, DataSetBench.Admin, DataSetBench.Cancellation);
        Assert.Contains("SHA-256 differs", table!.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_FilesWhoseSizeTellsTheClass_SaysSoWithoutARemedy()
    {
        Write("a", "COVID-19", (1, "a"), (2, "b"));
        Directory.CreateDirectory(Path.Combine(_bench.Root.Path, "a/Other"));
        foreach (var seed in new[] { 11, 12 })
        {
            await File.WriteAllBytesAsync(
                Path.Combine(_bench.Root.Path, $"a/Other/{seed}.png"),
                PngEncoder.Encode(PhantomDrawer.Draw(PhantomKind.Clear, seed, size: 200, bits: 8)), DataSetBench.Cancellation);
        }

        var found = (await _bench.FindingsAsync(await _bench.ImportAsync(new(null, "a")))).Found
            .Single(f => f.Kind == FindingKind.SizeTellsClass);

        Assert.Null(found.Remedy);
        Assert.Contains("1.00", found.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Divide_ByImage_LeaksPatientsUntilItIsDividedAnew()
    {
        for (var patient = 0; patient < 8; patient++)
        {
            Write(
                "a", patient % 2 == 0 ? "COVID-19" : "Other",
                [.. Enumerable.Range(0, 3).Select(i => ((patient * 10) + i, $"{patient:D8}_{i:D3}"))]);
        }

        var version = await _bench.ImportAsync(new(null, "a"));
        var leaking = await _bench.ChangeAsync(
            c => c.DivideAsync(version.Id, new(0.3, ByImage: true), DataSetBench.Admin, DataSetBench.Cancellation));
        var finding = (await _bench.FindingsAsync(leaking)).Found.Single(f => f.Kind == FindingKind.LeakingPatients);
        var healed = await _bench.ChangeAsync(
            c => c.RemedyAsync(leaking.Id, FindingKind.LeakingPatients, DataSetBench.Admin, DataSetBench.Cancellation));

        Assert.True(finding.Images > 0);
        Assert.Contains("IMAGE", leaking.Change, StringComparison.Ordinal);
        Assert.DoesNotContain((await _bench.FindingsAsync(healed)).Found, f => f.Kind == FindingKind.LeakingPatients);
        Assert.Equal((1, 2, 3, version.SetId, leaking.Id), (version.Number, leaking.Number, healed.Number, healed.SetId, healed.ParentId));
        Assert.All(_bench.Manifest(healed).Images.GroupBy(i => i.Patient), g => Assert.Single(g.Select(i => i.Part).Distinct()));
        Assert.Null(_bench.Manifest(version).Split);
    }

    [Fact]
    public async Task Divide_OfEqualNamesInThePatientsFolders_TakesThemForSeveralPatients()
    {
        foreach (var (seed, place) in new[] { "COVID-19/p1", "COVID-19/p2", "COVID-19/p3", "Other/p4", "Other/p5", "Other/p6" }.Index())
        {
            Write("a", place, (seed, "frontal"));
        }

        var version = await _bench.ImportAsync(new(null, "a"));
        var divided = await _bench.ChangeAsync(c => c.DivideAsync(version.Id, new(), DataSetBench.Admin, DataSetBench.Cancellation));

        Assert.DoesNotContain((await _bench.FindingsAsync(divided)).Found, f => f.Kind == FindingKind.LeakingPatients);
        Assert.Equal([1, 1], (await _bench.FindingsAsync(divided)).Classes.Select(c => c.Validation));
    }

    [Fact]
    public async Task Divide_WithTheSameSeed_IsTheSame()
    {
        Write("a", "COVID-19", [.. Enumerable.Range(0, 10).Select(i => (i, $"{i}"))]);
        Write("a", "Other", [.. Enumerable.Range(20, 10).Select(i => (i, $"{i}"))]);
        var version = await _bench.ImportAsync(new(null, "a"));
        Task<DataSetVersion> Divide(long seed) =>
            _bench.ChangeAsync(c => c.DivideAsync(version.Id, new(0.2, 0.2, seed), DataSetBench.Admin, DataSetBench.Cancellation));

        var (first, again, other) = (await Divide(1), await Divide(1), await Divide(2));

        Assert.Equal(first.ManifestHash, again.ManifestHash);
        Assert.NotEqual(first.ManifestHash, other.ManifestHash);
        Assert.All((await _bench.FindingsAsync(first)).Classes, c => Assert.Equal((6, 2, 2), (c.Train, c.Validation, c.Test)));
    }

    [Fact]
    public async Task Divide_IntoFolds_CountsThemAndFindsNoLeak()
    {
        Write("a", "COVID-19", [.. Enumerable.Range(0, 9).Select(i => (i, $"c{i}"))]);
        Write("a", "Other", [.. Enumerable.Range(100, 9).Select(i => (i, $"o{i}"))]);
        var version = await _bench.ImportAsync(new(null, "a"));

        var divided = await _bench.ChangeAsync(
            c => c.DivideAsync(version.Id, new(Folds: 3, Seed: 4), DataSetBench.Admin, DataSetBench.Cancellation));

        Assert.Equal((true, "Divided by patient into 3 folds, seed 4"), (divided.IsDivided, divided.Change));
        var findings = await _bench.FindingsAsync(divided);
        Assert.All(findings.Classes, c => Assert.Equal([3, 3, 3], c.Folds));
        Assert.DoesNotContain(findings.Found, f => f.Kind == FindingKind.LeakingPatients);
    }

    [Fact]
    public async Task Divide_IntoFoldsByImage_LeaksPatientsUntilItIsDividedAnew()
    {
        Write("a", "COVID-19", [.. Enumerable.Range(0, 18).Select(i => (i, $"{i / 2:D8}_{i % 2:D3}"))]);
        Write("a", "Other", [.. Enumerable.Range(100, 18).Select(i => (i, $"{i / 2:D8}_{i % 2:D3}"))]);
        var version = await _bench.ImportAsync(new(null, "a"));
        var divided = await _bench.ChangeAsync(
            c => c.DivideAsync(version.Id, new(Folds: 3, ByImage: true), DataSetBench.Admin, DataSetBench.Cancellation));
        Assert.Contains((await _bench.FindingsAsync(divided)).Found, f => f.Kind == FindingKind.LeakingPatients);

        var anew = await _bench.ChangeAsync(
            c => c.RemedyAsync(divided.Id, FindingKind.LeakingPatients, DataSetBench.Admin, DataSetBench.Cancellation));

        Assert.Equal((3, GroupBy.Patient), (_bench.Manifest(anew).Split!.Folds!.Value, _bench.Manifest(anew).Split!.By));
        Assert.DoesNotContain((await _bench.FindingsAsync(anew)).Found, f => f.Kind == FindingKind.LeakingPatients);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(21)]
    [InlineData(5)]
    public async Task Divide_IntoFoldsThatCannotBe_IsRefusedInWords(int folds)
    {
        Write("a", "COVID-19", (1, "a"), (2, "b"), (3, "c"), (4, "d"));
        Write("a", "Other", (5, "e"), (6, "f"), (7, "g"), (8, "h"));
        var version = await _bench.ImportAsync(new(null, "a"));

        var refused = Assert.IsType<ChangeDataSetResult.Refused>(
            await _bench.Change.DivideAsync(version.Id, new(Folds: folds), DataSetBench.Admin, DataSetBench.Cancellation));

        Assert.Matches("Choose 3 to 20 folds|too few for 5 folds", refused.Message);
    }

    [Fact]
    public async Task Divide_WithTooFewPatients_IsRefusedInWords()
    {
        Write("a", "COVID-19", (1, "a"));
        Write("a", "Other", (2, "b"), (3, "c"));
        var version = await _bench.ImportAsync(new(null, "a"));

        var refused = Assert.IsType<ChangeDataSetResult.Refused>(
            await _bench.Change.DivideAsync(version.Id, new(), DataSetBench.Admin, DataSetBench.Cancellation));

        Assert.Contains("COVID-19", refused.Message, StringComparison.Ordinal);
        await using var db = _bench.Folder.CreateDbContext();
        Assert.Equal(DataSetState.Ready, db.DataSetVersions.Single().State);
    }

    // Applies the remedy, checks that the finding is gone and returns it.
    async Task<DataSetFinding> RemedyAsync(FindingKind kind, int images, string[] left)
    {
        var version = await _bench.ImportAsync(new(null, "a"));
        var before = _bench.Manifest(version);
        var finding = (await _bench.FindingsAsync(version)).Found.Single(f => f.Kind == kind);

        var next = await _bench.ChangeAsync(c => c.RemedyAsync(version.Id, kind, DataSetBench.Admin, DataSetBench.Cancellation));

        Assert.Equal(images, finding.Images);
        Assert.Equal(left.Order(), _bench.Manifest(next).Images.Select(i => Path.GetFileName(i.Path)).Order());
        Assert.DoesNotContain((await _bench.FindingsAsync(next)).Found, f => f.Kind == kind);
        Assert.Equal(before.Images, _bench.Manifest(version).Images);
        return finding;
    }

    static GreyImage Shrunk(GreyImage image, int side) =>
        new(side, side, 8, Array.ConvertAll(
            Resizer.Resize(Array.ConvertAll(image.Samples, s => (float)s), image.Width, image.Height, side, side),
            v => (ushort)(v + 0.5f)));

    void Write(string set, string label, params (int Seed, string Name)[] films)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_bench.Root.Path, set, label)).FullName;
        foreach (var (seed, name) in films)
        {
            File.WriteAllBytes(Path.Combine(folder, name + ".png"), PngEncoder.Encode(FilmFolders.Film(seed)));
        }
    }
}

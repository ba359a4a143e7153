using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.DataSets;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Laboratory.Tests.Runs;

namespace CovidCxr.Laboratory.Tests.DataSets;

/// <summary>From a folder on the server to version 1.</summary>
public sealed class ImportTests : IDisposable
{
    readonly DataSetBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Import_OfClassFolders_KeepsEveryImageWithItsHashes()
    {
        FilmFolders.WriteClasses(_bench.Root.Path, "clinic", ("COVID-19", 3), ("Normal", 2));

        var version = await _bench.ImportAsync(new(null, "clinic"));
        var images = _bench.Manifest(version).Images;

        Assert.Equal((DataSetState.Ready, 5, 5, 5, 5), (version.State, version.Images, version.Patients, version.Done, version.Total));
        Assert.Equal(["COVID-19", "COVID-19", "COVID-19", "Normal", "Normal"], images.Select(i => i.Class));
        Assert.All(images, i =>
            Assert.Equal((40, 40, 64, 64, 64), (i.Width, i.Height, i.Sha256.Length, i.PixelHash!.Length, i.Perceptual!.Length)));
        Assert.All(images, i => Assert.True(File.Exists(Path.Combine(_bench.Places.Root, i.Path))));
    }

    [Fact]
    public async Task Preview_OfTheCohenTable_RecognisesItByItself()
    {
        FilmFolders.WriteTable(_bench.Root.Path, "cohen", ("COVID-19", 2), ("Pneumonia", 4));

        var preview = await _bench.PreviewAsync("cohen");

        Assert.Equal(("metadata.csv", "filename", "finding", "patientid", "view"), (
            preview.Mapping.Table, preview.Mapping.FileColumn, preview.Mapping.ClassColumn, preview.Mapping.PatientColumn,
            preview.Mapping.ViewColumn));
        Assert.Equal([("Pneumonia", 4), ("COVID-19", 2)], preview.Classes);
        Assert.Equal(["1 rows name files that are not there."], preview.Remarks);
        Assert.Equal((6, 6, 0, null), (preview.Images, preview.Patients, preview.WithoutPatient, preview.Problem));
    }

    [Fact]
    public async Task Import_OfATableWithSexAndAge_KeepsThemThroughADivision()
    {
        FilmFolders.WriteTable(_bench.Root.Path, "cohen", ("COVID-19", 4), ("Pneumonia", 4));
        var table = Path.Combine(_bench.Root.Path, "cohen", "metadata.csv");
        string[] more = [",sex,age", ",Male,063Y", ",,"];
        File.WriteAllLines(table, File.ReadAllLines(table).Select((line, i) => line + (i < more.Length ? more[i] : more[1])));

        var preview = await _bench.PreviewAsync("cohen");
        var imported = await _bench.ImportAsync(new(null, "cohen"));
        var divided = await _bench.ChangeAsync(c => c.DivideAsync(imported.Id, new(), DataSetBench.Admin, CancellationToken.None));

        Assert.Equal(("sex", "age"), (preview.Mapping.SexColumn, preview.Mapping.AgeColumn));
        var images = _bench.Manifest(divided).Images;
        Assert.Equal(7, images.Count(i => i is { Sex: "M", Age: "63" }));
        Assert.Equal(1, images.Count(i => i is { Sex: null, Age: null }));
    }

    [Fact]
    public async Task Preview_WithPatientNumbersInFileNames_RecognisesThem()
    {
        FilmFolders.WriteClasses(_bench.Root.Path, "nih", ("Normal", 2));
        Rename("nih/Normal/Normal-0.png", "00001280_004.png");
        Rename("nih/Normal/Normal-1.png", "00001280_005.png");

        var preview = await _bench.PreviewAsync("nih");

        Assert.Equal(@"^(\d{8})_\d{3}$", preview.Mapping.PatientPattern);
        Assert.Equal((1, 0), (preview.Patients, preview.WithoutPatient));
        Assert.All(preview.First, i => Assert.Equal("00001280", i.Patient));
    }

    [Theory]
    [InlineData("(", "no regular expression")]
    [InlineData(@"^\d+", "group in parentheses")]
    public async Task Preview_WithABadPattern_SaysSo(string pattern, string words)
    {
        FilmFolders.WriteClasses(_bench.Root.Path, "clinic", ("Normal", 1));

        Assert.Contains(words, (await _bench.PreviewAsync("clinic", new() { PatientPattern = pattern })).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preview_OfAnotherTable_GuessesItsColumns()
    {
        FilmFolders.WriteClasses(_bench.Root.Path, "own", ("all", 2));
        File.WriteAllLines(
            Path.Combine(_bench.Root.Path, "own/labels.csv"),
            ["Image Index,Finding Labels,Patient ID", "all-0.png,COVID-19,7", "all-1.png,Normal,8"]);

        var preview = await _bench.PreviewAsync("own");

        Assert.Equal(
            ("labels.csv", "Image Index", "Finding Labels", "Patient ID"),
            (preview.Mapping.Table, preview.Mapping.FileColumn, preview.Mapping.ClassColumn, preview.Mapping.PatientColumn));
        Assert.Equal(["COVID-19", "Normal"], preview.Classes.Select(c => c.Class).Order());
    }

    [Fact]
    public async Task Import_OfATableWithEqualNamesInFolders_GivesEachImageItsOwnRow()
    {
        WriteFilms("p1/view1_frontal.png", "p2/view1_frontal.png", "p10/view1_frontal.png", "only.png");

        var preview = await PreviewTableAsync(
            "set/p2/view1_frontal.png,COVID-19,p2", "set/p1/view1_frontal.png,Normal,p1", "set/p3/view1_frontal.png,COVID-19,p3",
            "elsewhere/only.png,Normal,p4");

        Assert.Equal(
            [("only.png", "Normal", "p4"), ("p1/view1_frontal.png", "Normal", "p1"), ("p2/view1_frontal.png", "COVID-19", "p2")],
            preview.First.Select(i => (i.File.Path, i.Class, i.Patient)).Order());
        Assert.Equal(
            [
                "1 rows could each mean several images, or share one with another row, and are left out.",
                "1 images stand in no row and are left out."],
            preview.Remarks);
    }

    [Fact]
    public async Task Import_OfATableWithBareNamesThatStandInSeveralFolders_LeavesThemOut()
    {
        WriteFilms("p1/frontal.png", "p2/frontal.png", "images/a.png", "lung-masks/a.png");

        var preview = await PreviewTableAsync("frontal.png,COVID-19,p2", "a.png,Normal,p3");

        Assert.Equal([("images/a.png", "Normal", "p3")], preview.First.Select(i => (i.File.Path, i.Class, i.Patient)));
        Assert.Contains("1 rows could each mean several images, or share one with another row, and are left out.", preview.Remarks);
    }

    [Fact]
    public async Task Import_OfATableWhoseRowsShareOneFile_GivesItToNone()
    {
        WriteFilms("frontal.png");

        var preview = await PreviewTableAsync("p1/frontal.png,COVID-19,p1", "p2/frontal.png,Normal,p2");

        Assert.Equal(
            (0, "Every row of the table could mean several images: the column 'filename' must say their folders too."),
            (preview.Images, preview.Problem));
    }

    [Fact]
    public async Task Import_OfATableThatKnowsMoreFilesThanThereAre_GivesNoImageToTheRowOfAnAbsentOne()
    {
        WriteFilms("p1/frontal.png");

        var preview = await PreviewTableAsync("p2/frontal.png,COVID-19,p2", "p1/frontal.png,Normal,p1");

        Assert.Equal([("Normal", "p1")], preview.First.Select(i => (i.Class, i.Patient)));
        Assert.Equal(["1 rows name files that are not there."], preview.Remarks);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("/etc")]
    [InlineData("absent")]
    public async Task Preview_OfAFolderOutsideTheRoot_IsRefused(string folder) =>
        Assert.Equal("There is no such folder.", (await _bench.PreviewAsync(folder)).Problem);

    [Fact]
    public async Task Import_WithClassesRenamedAndLeftOut_TakesWhatIsNamed()
    {
        FilmFolders.WriteClasses(_bench.Root.Path, "clinic", ("Covid", 2), ("Normal", 2), ("Junk", 2));

        var id = await _bench.StartAsync("films", new(
            new(null, "clinic"), new(), new Dictionary<string, string> { ["Covid"] = "COVID-19", ["Normal"] = "Other", ["Junk"] = " " }));
        await _bench.WorkAsync();

        Assert.Equal(["COVID-19", "COVID-19", "Other", "Other"], _bench.Manifest(await _bench.FindAsync(id)).Images.Select(i => i.Class));
    }

    [Fact]
    public async Task Import_Cancelled_LeavesNothing()
    {
        FilmFolders.WriteClasses(_bench.Root.Path, "clinic", ("COVID-19", 200));
        var id = await _bench.StartAsync(
            "films", new(new(null, "clinic"), new(), new Dictionary<string, string> { ["COVID-19"] = "COVID-19" }));
        await new CancelDataSet(_bench.Folder).RunAsync(id, DataSetBench.Admin, DataSetBench.Cancellation);

        await _bench.WorkAsync();

        Assert.Equal(DataSetState.Cancelled, (await _bench.FindAsync(id)).State);
        Assert.False(Directory.Exists(Path.Combine(_bench.Places.Root, DataSetPlaces.FilesOf(id))));
    }

    [Fact]
    public async Task Manifest_ChangedAfterwards_IsRefused()
    {
        FilmFolders.WriteClasses(_bench.Root.Path, "clinic", ("COVID-19", 2));
        var version = await _bench.ImportAsync(new(null, "clinic"));
        File.AppendAllText(Path.Combine(_bench.Places.Root, DataSetPlaces.ManifestOf(version.Id)), " ");

        Assert.Throws<Learning.Data.DataSetException>(() => _bench.Manifest(version));
    }

    [Fact]
    public async Task Everything_ByAnotherRole_IsRefused()
    {
        var lead = new Actor(Guid.NewGuid(), "lead", new HashSet<string> { Role.DepartmentLead });

        Assert.Throws<AccessRefusedException>(() => _bench.Sources.Folders(lead));
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => new PreviewImport(_bench.Sources).RunAsync(new(null, "x"), null, lead, DataSetBench.Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(() =>
            new StartImport(_bench.Folder, _bench.Queue, _bench.Audit, TimeProvider.System)
                .RunAsync("x", new(new(null, "x"), new(), new Dictionary<string, string>()), lead, DataSetBench.Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(() => new ListDataSets(_bench.Folder).RunAsync(lead, DataSetBench.Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => new GetDataSet(_bench.Folder).RunAsync(Guid.Empty, lead, DataSetBench.Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => new CancelDataSet(_bench.Folder).RunAsync(Guid.Empty, lead, DataSetBench.Cancellation));
    }

    void WriteFilms(params string[] names)
    {
        foreach (var (seed, name) in names.Index())
        {
            var path = Path.Combine(_bench.Root.Path, "own", name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, PngEncoder.Encode(FilmFolders.Film(seed)));
        }
    }

    Task<ImportPreview> PreviewTableAsync(params string[] rows)
    {
        File.WriteAllLines(Path.Combine(_bench.Root.Path, "own/labels.csv"), ["filename,finding,patientid", .. rows]);
        return _bench.PreviewAsync(
            "own", new() { Table = "labels.csv", FileColumn = "filename", ClassColumn = "finding", PatientColumn = "patientid" });
    }

    void Rename(string from, string to) =>
        File.Move(Path.Combine(_bench.Root.Path, from), Path.Combine(_bench.Root.Path, Path.GetDirectoryName(from)!, to));
}

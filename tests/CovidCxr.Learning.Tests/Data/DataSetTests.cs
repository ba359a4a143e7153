using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Training;
using CovidCxr.Testing;

namespace CovidCxr.Learning.Tests.Data;

public sealed class DataSetTests : IDisposable
{
    readonly FilmFolder _folder = FilmFolder.WithFilms(patientsPerClass: 6, filmsPerPatient: 2);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_PatientsWithSeveralFilms_StandWholeInOnePart()
    {
        var data = Runs.Load(_folder);
        Assert.Equal(24, data.Samples.Count);
        Assert.All(data.Samples.GroupBy(s => s.Image.File.Patient), g => Assert.Single(g.Select(s => s.Part).Distinct()));
        Assert.Equal(2 * 2 * 4, data.Of(DataPart.Train).Count);
    }

    [Fact]
    public void Load_SameSeed_GivesTheSameManifestAndAnotherSeedAnother()
    {
        var first = DataManifest.Of(Runs.Load(_folder));
        Assert.Equal(first.Hash(), DataManifest.Of(Runs.Load(_folder)).Hash());
        Assert.NotEqual(first.Hash(), DataManifest.Of(Runs.Load(_folder, Runs.Options with { Seed = 8 })).Hash());
        Assert.All(first.Entries, e => Assert.Matches("^[0-9a-f]{64}$", e.PixelHash));
    }

    [Fact]
    public void Load_Pixels_AreToTheLastBitWhatAModelAtWorkIsShown()
    {
        // 16 bits and another size: neither depth nor resizing falls on whole steps of a byte.
        var film = new GreyImage(
            90, 70, 16, [.. Enumerable.Range(0, 90 * 70).Select(i => (ushort)(20_000 + (10_000 * Math.Sin(i / 7.0)) + (i % 90 * 50)))]);
        _folder.Write("films/COVID-19/z91_0.png", PngEncoder.Encode(film));
        var sample = Runs.Load(_folder).Samples.Single(s => s.Image.File.Path.EndsWith("z91_0.png", StringComparison.Ordinal));

        var (shown, _) = Preprocessor.Prepare(film, Runs.Preset, lungs: null);

        Assert.Equal(shown, Array.ConvertAll(sample.Image.Pixels.ToArray(), v => v / 255f));
    }

    [Fact]
    public void Load_SameFilmInTwoSourcesAtAnotherSize_StaysOnOneSide()
    {
        var film = FilmFolder.Film(true, 990, 128);
        _folder.Write("films/COVID-19/z90_0.png", PngEncoder.Encode(film));
        _folder.Write("second/sick/other-name.png", PngEncoder.Encode(Halve(film)));
        _folder.Write("second/sick/another.png", PngEncoder.Encode(FilmFolder.Film(true, 77, 100)));
        var second = new DataSource("second", new Dictionary<string, string> { ["sick"] = "COVID-19" });
        var data = Runs.Load(_folder, Runs.Options with { Data = Runs.Options.Data with { Sources = [Runs.Films, second] } });

        int GroupOf(string name) => data.Samples.Single(s => s.Image.File.Path.EndsWith(name, StringComparison.Ordinal)).Group;
        Assert.Equal(GroupOf("z90_0.png"), GroupOf("other-name.png"));
        Assert.NotEqual(GroupOf("z90_0.png"), GroupOf("another.png"));
    }

    [Fact]
    public void Load_Table_TakesClassAndPatientFromColumnsAndReportsAbsentFiles()
    {
        foreach (var i in Enumerable.Range(0, 8))
        {
            _folder.Write($"cohen/images/f{i}.png", PngEncoder.Encode(FilmFolder.Film(i < 4, 500 + i, 64)));
        }

        var rows = Enumerable.Range(0, 8)
            .Select(i => $"{i / 2},\"{(i < 4 ? "Pneumonia/Viral/COVID-19, said \"\"typical\"\"" : "No Finding")}\",f{i}.png");
        File.WriteAllLines(
            Path.Combine(_folder.Root, "cohen", "metadata.csv"),
            ["patientid,finding,filename", .. rows, "9,COVID-19,gone.png", "9,COVID-19,../../films/COVID-19/p00_0.png"]);
        var table = new TableMapping("metadata.csv", "images", "filename", "finding", "patientid", [new("covid-19", "COVID-19")], "Other");
        var data = Runs.Load(_folder, Runs.Options with { Data = new("cohen", [new("cohen", Table: table)], new(0.5, 0.5)) });

        Assert.Equal(8, data.Samples.Count);
        Assert.Equal(4, data.Samples.Select(s => s.Image.File.Patient).Distinct().Count());
        Assert.Equal(4, data.Samples.Count(s => s.Class == 0));
        Assert.Contains("cohen, metadata.csv: 2 rows name files that are not there.", data.Remarks);
        Assert.Contains(data.Remarks, r => r.Contains(
            """The rule "covid-19" is COVID-19: "Pneumonia/Viral/COVID-19, said "typical"" 4, "COVID-19" 2.""", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(
        "f;c;p\r\nimages\\f0.png;COVID-19;0\r\nimages\\f1.png;COVID-19;1\r\n"
            + "images\\f2.png;bactérienne;2\r\nimages\\f3.png;bactérienne;3\r\n")]
    [InlineData("f, c, p\nf0, COVID-19, 0\nf1, COVID-19, 1\nf2.dcm, bactérienne, 2\nF3.png, bactérienne, 3\nf9\n\n")]
    [InlineData(
        "sep=\t\nF\tC\tP\tc\nf0.png\tCOVID-19\t0\tx\nf1.png\tCOVID-19\t1\ttube 5\" "
            + "above\nf2.png\tbactérienne\t2\tx\nf3.png\tbactérienne\t3\tx\n")]
    public void Load_TableOfAnyDialect_GivesEveryImageItsClass(string table)
    {
        var data = LoadTable(
            System.Text.CodePagesEncodingProvider.Instance.GetEncoding(1252)!.GetBytes(table), new ClassRule("COVID-19", "COVID-19"));

        Assert.Equal((2, 2), (data.Samples.Count(s => s.Class == 0), data.Samples.Count(s => s.Class == 1)));
        Assert.Contains(data.Remarks, r => r.Contains("\"bactérienne\" 2", StringComparison.Ordinal));
    }

    [Fact]
    public void Load_ALabelThatDeniesItsRule_NeedsADecision()
    {
        var table = "f,c,p\nf0.png,COVID-19,0\nf1.png,COVID-19,1\nf2.png,COVID-19 negative,2\nf3.png,COVID-19 negative,3\n"u8.ToArray();

        Assert.Contains(
            "\"COVID-19 negative\" 2",
            Assert.Throws<DataSetException>(() => LoadTable(table, new ClassRule("COVID-19", "COVID-19"))).Message,
            StringComparison.Ordinal);
        var decided = LoadTable(table, new ClassRule("negative", "Other"), new ClassRule("COVID-19", "COVID-19"));
        Assert.Equal((2, 2), (decided.Samples.Count(s => s.Class == 0), decided.Samples.Count(s => s.Class == 1)));
    }

    [Fact]
    public void Load_RowsThatContradictEachOtherOrHaveNoClass_AreLeftOutAndCounted()
    {
        var data = LoadTable(
            "f,c,p\nf0.png,COVID-19,0\nf1.png,COVID-19,1\nf2.png,x,2\nf3.png,x,3\nf4.png,x,4\nf4.png,COVID-19,4\nf5.png,,5\n"u8.ToArray(),
            new ClassRule("COVID-19", "COVID-19"));

        Assert.Equal(4, data.Samples.Count);
        Assert.Contains("t, m.csv: images/f4.png: COVID-19 and Other (lines 6, 7).", data.Remarks);
        Assert.Contains("t, m.csv: 1 rows have no class.", data.Remarks);
        Assert.Contains("t, m.csv: 1 images have rows without a class alone and are left out.", data.Remarks);
    }

    [Fact]
    public void Load_SlicesAndLateralFilms_AreNamedAndOnRequestLeftOut()
    {
        var table =
            "f,c,p,view,modality\nf0.png,COVID-19,0,PA,X-ray\nf1.png,COVID-19,1,AP,X-ray\nf2.png,x,2,PA,X-ray\n"u8.ToArray()
                .Concat("f3.png,x,3,AP,X-ray\nf4.png,x,4,Axial,CT\nf5.png,x,5,L,X-ray\n"u8.ToArray()).ToArray();

        Assert.Contains(
            "t: 2 images are no frontal X-rays, as the table says; frontalOnly leaves them out.",
            LoadTable(table, new ClassRule("COVID-19", "COVID-19")).Remarks);
        Assert.Equal(4, LoadViews(table, frontalOnly: true, new ClassRule("COVID-19", "COVID-19")).Samples.Count);
    }

    [Fact]
    public void Load_FoldersWithMasksAndLitter_TakesTheFilmsAlone()
    {
        foreach (var name in new[]
        {
            "COVID-19/masks/a.png", "COVID-19/._p00_0.png", "COVID-19/.ipynb_checkpoints/b.png", "Other/__MACOSX/c.png", "elsewhere/d.png"
        })
        {
            _folder.Write($"films/{name}", PngEncoder.Encode(FilmFolder.Film(true, 800, 64)));
        }

        var data = Runs.Load(_folder);

        Assert.Equal(24, data.Samples.Count);
        Assert.Equal(
            [
                "films: 3 hidden files, as macOS, Windows or Jupyter leave them, are passed over.",
                "films: 1 masks, as their folders or names say, are left out.",
                "films: 1 images lie in none of the class folders and are left out."],
            data.Remarks);
    }

    [Fact]
    public void Load_RowsWithoutPatient_AreEachAPatient()
    {
        foreach (var i in Enumerable.Range(0, 4))
        {
            _folder.Write($"t/f{i}.png", PngEncoder.Encode(FilmFolder.Film(true, 600 + i, 64)));
        }

        File.WriteAllLines(
            Path.Combine(_folder.Root, "t", "m.csv"), ["p,c,f", .. Enumerable.Range(0, 4).Select(i => $",COVID-19,f{i}.png")]);
        var table = new DataSource("t", Table: new("m.csv", "", "f", "c", "p", [new("COVID", "COVID-19")]));
        var data = Runs.Load(_folder, Runs.Options with { Data = Runs.Options.Data with { Sources = [Runs.Films, table] } });
        Assert.Equal(4, data.Samples.Where(s => s.Image.File.Source == "t").Select(s => s.Image.File.Patient).Distinct().Count());
    }

    [Fact]
    public void Load_EqualNamesInTwoClassFolders_AreTwoPatients()
    {
        _folder.Write("plain/sick/1.png", PngEncoder.Encode(FilmFolder.Film(true, 701, 64)));
        _folder.Write("plain/well/1.png", PngEncoder.Encode(FilmFolder.Film(false, 702, 64)));
        var plain = new DataSource("plain", new Dictionary<string, string> { ["sick"] = "COVID-19", ["well"] = "Other" });

        var data = Runs.Load(_folder, Runs.Options with { Data = Runs.Options.Data with { Sources = [Runs.Films, plain] } });

        Assert.Equal(2, data.Samples.Where(s => s.Image.File.Source == "plain").Select(s => s.Group).Distinct().Count());
    }

    [Fact]
    public void Load_CorruptFilm_IsLeftOutAndNamedOrStops()
    {
        _folder.Write("films/Other/broken.png", [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10, 1, 2, 3]);
        Assert.StartsWith("films/Other/broken.png: ", Assert.Single(Runs.Load(_folder).LeftOut), StringComparison.Ordinal);
        var stops = Runs.Options with { Data = Runs.Options.Data with { OnCorrupt = OnCorrupt.Stop } };
        Assert.Contains("broken.png", Assert.Throws<DataSetException>(() => Runs.Load(_folder, stops)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_EmptyClass_IsRefusedByName()
    {
        Directory.Delete(Path.Combine(_folder.Root, "films", "Other"), recursive: true);
        Directory.CreateDirectory(Path.Combine(_folder.Root, "films", "Other"));
        AssertRefused("'Other' has no image", Runs.Options);
    }

    [Fact]
    public void Load_OneImageInAClass_IsRefusedByName()
    {
        Directory.EnumerateFiles(Path.Combine(_folder.Root, "films", "Other")).Skip(1).ToList().ForEach(File.Delete);
        AssertRefused("'Other' has images of one patient only", Runs.Options);
    }

    [Fact]
    public void Load_SplitThatLeavesNoValidation_IsRefused() =>
        AssertRefused("fell to validation", Runs.Options with { Data = Runs.Options.Data with { Split = new(1, 0) } });

    [Theory]
    [InlineData(0.7, 0.7)]
    [InlineData(-0.1, 1.1)]
    [InlineData(double.NaN, 1)]
    public void Load_FractionsThatAreNoShares_AreRefused(double train, double validation) =>
        AssertRefused("fractions", Runs.Options with { Data = Runs.Options.Data with { Split = new(train, validation) } });

    [Fact]
    public void Load_FolderOfAClassThatTheRunLacks_IsRefused() =>
        AssertRefused("not one of COVID-19, Normal", Runs.Options with { Classes = ["COVID-19", "Normal"] });

    [Fact]
    public void Load_MissingFolder_IsRefusedByName() =>
        AssertRefused("no folder 'gone'", Runs.Options with
        {
            Data = Runs.Options.Data with { Sources = [new("gone", new Dictionary<string, string>())] }
        });

    [Fact]
    public void Load_SamePixelsUnderTwoClasses_IsRemarked()
    {
        File.Copy(Path.Combine(_folder.Root, "films/COVID-19/p00_0.png"), Path.Combine(_folder.Root, "films/Other/copy.png"));
        Assert.Contains("films/Other/copy.png (Other)", Assert.Single(Runs.Load(_folder).Remarks), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public void Load_TheCollectionsOnThisMachine_FindsFilmsThatStandInBoth()
    {
        var root = DevelopmentData.RootOrSkip();
        var sick = new Dictionary<string, string> { ["Covid-19"] = "COVID-19" };
        var table = new TableMapping("metadata.csv", "images", "filename", "finding", "patientid", [new("COVID-19", "COVID-19")], "Other");
        var options = Runs.Options with
        {
            Data = new("both", [new("covid-chestxray", Table: table), new("darkcovidnet", sick)], new(0.7, 0.3))
        };
        var data = DataSet.Load(options.Data, root, options.Classes, Runs.Preset, 1, null, TestContext.Current.CancellationToken);
        var shared = data.Samples.GroupBy(s => s.Group).Count(g => g.Select(s => s.Image.File.Source).Distinct().Count() == 2);
        // 124 films of the second stand, by name or pixels, mostly in the first; a hash that found none of them would be useless.
        Assert.InRange(shared, 30, 124);
        // Of the 101 that keep their names many are cropped, and look like no duplicate.
        var names = data.Samples.GroupBy(s => Path.GetFileNameWithoutExtension(s.Image.File.Path)).Where(g => g.Count() == 2).ToList();
        Assert.InRange(names.Count, 90, 101);
        Assert.All(names, g => Assert.Single(g.Select(s => s.Group).Distinct()));
    }

    [Fact]
    public void Load_LinksThatLeadRound_AreNotFollowed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        var films = Runs.Load(_folder).Samples.Count;
        Directory.CreateSymbolicLink(Path.Combine(_folder.Root, "films", "COVID-19", "again"), ".");

        var data = Runs.Load(_folder);

        Assert.Equal(films, data.Samples.Count);
        Assert.Contains(data.Remarks, r => r.Contains("1 links to folders", StringComparison.Ordinal));
    }

    DataSet LoadTable(byte[] table, params ClassRule[] rules) => LoadViews(table, frontalOnly: false, rules);

    // Films t/images/f0.png to f5.png with a table beside them; what no rule takes is Other.
    DataSet LoadViews(byte[] table, bool frontalOnly, params ClassRule[] rules)
    {
        foreach (var i in Enumerable.Range(0, 6))
        {
            _folder.Write($"t/images/f{i}.png", PngEncoder.Encode(FilmFolder.Film(i < 2, 900 + i, 64)));
        }

        _folder.Write("t/m.csv", table);
        var source = new DataSource("t", Table: new("m.csv", "images", "f", "c", "p", rules, "Other", frontalOnly));
        return Runs.Load(_folder, Runs.Options with { Data = new("t", [source], new(0.5, 0.5)) });
    }

    void AssertRefused(string words, TrainingConfiguration options) =>
        Assert.Contains(words, Assert.Throws<DataSetException>(() => Runs.Load(_folder, options)).Message, StringComparison.Ordinal);

    static GreyImage Halve(GreyImage image)
    {
        var (width, height) = (image.Width / 2, image.Height / 2);
        int Old(int x, int y) => image.Samples[(y * image.Width) + x];
        var samples = Enumerable.Range(0, width * height)
            .Select(i => (X: i % width * 2, Y: i / width * 2))
            .Select(p => (ushort)((Old(p.X, p.Y) + Old(p.X + 1, p.Y) + Old(p.X, p.Y + 1) + Old(p.X + 1, p.Y + 1)) / 4));
        return new(width, height, image.BitsStored, [.. samples]);
    }
}

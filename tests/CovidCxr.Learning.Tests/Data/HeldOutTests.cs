using CovidCxr.Imaging.Rendering;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Training;
using CovidCxr.Testing;

namespace CovidCxr.Learning.Tests.Data;

/// <summary>Places that a model is only tested on, and rows that a table excepts.</summary>
public sealed class HeldOutTests : IDisposable
{
    const int Hospitals = 4, PatientsOfEach = 5;

    static readonly TableMapping Mapping = new(
        "t.csv", "images", "file", "finding", "patient", [new("COVID-19", "COVID-19")], "Other", SiteColumn: "site");

    readonly FilmFolder _folder = FilmFolder.WithFilms(patientsPerClass: 6);

    public HeldOutTests()
    {
        var rows = Enumerable.Range(0, Hospitals * PatientsOfEach).Select(i =>
        {
            _folder.Write($"table/images/f{i}.png", PngEncoder.Encode(FilmFolder.Film(i % 2 == 0, 500 + i, 64)));
            var hospital = i / PatientsOfEach == 3 ? "" : $"H{i / PatientsOfEach}";
            return $"f{i}.png,{(i % 2 == 0 ? "COVID-19" : "Other")},{i},{hospital},{i % 2}";
        });
        var table = string.Join('\n', rows.Prepend("file,finding,patient,site,child"));
        _folder.Write("table/t.csv", System.Text.Encoding.UTF8.GetBytes(table));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_HospitalHeldOut_IsTestedAndNothingElseIs()
    {
        var data = Load("table/H1");

        Assert.All(data.Samples, s => Assert.Equal(s.Image.File.Site == "H1", s.Part == DataPart.Test));
        Assert.Equal(PatientsOfEach, data.Of(DataPart.Test).Count);
        Assert.Equal(3, data.Samples.Select(s => s.Image.File.Site).OfType<string>().Distinct().Count());
    }

    [Fact]
    public void Load_SourceHeldOut_TakesItsDuplicatesElsewhereAlong()
    {
        _folder.Write("table/images/f0.png", File.ReadAllBytes(Path.Combine(_folder.Root, "films/COVID-19/p00_0.png")));
        var data = Load("films");

        Assert.Equal(13, data.Of(DataPart.Test).Count);
        Assert.Contains(data.Of(DataPart.Test), s => s.Image.File.Path.EndsWith("f0.png", StringComparison.Ordinal));
    }

    [Fact]
    public void Load_PlaceThatNoImageIsFrom_IsRefused() =>
        Assert.Equal(
            "No image is from 'table/H9', which data.heldOut names. There are: films, table, table/H0, table/H1, table/H2.",
            Assert.Throws<DataSetException>(() => Load("table/H9")).Message);

    [Fact]
    public void Load_ExceptedRows_AreLeftOutAndCounted()
    {
        var source = new DataSource("table", Table: Mapping with { Except = [new("child", "1")] });
        var data = Runs.Load(_folder, Options() with { Data = new("t", [Runs.Films, source], new(0.7, 0.3)) });

        Assert.Equal(12 + 10, data.Samples.Count);
        Assert.Contains("table, t.csv: 10 rows are excepted by what stands in another column.", data.Remarks);
    }

    [Fact]
    public void Load_ExceptAColumnThatIsNotThere_IsRefused()
    {
        var source = new DataSource("table", Table: Mapping with { Except = [new("adult", "1")] });

        Assert.Throws<DataSetException>(() => Runs.Load(_folder, Options() with { Data = new("t", [source], new(0.7, 0.3)) }));
    }

    DataSet Load(string heldOut) => Runs.Load(_folder, Options() with
    {
        Data = new("t", [Runs.Films, new("table", Table: Mapping)], new(0.7, 0.3), HeldOut: [heldOut]),
    });

    static TrainingConfiguration Options() => Runs.Options;
}

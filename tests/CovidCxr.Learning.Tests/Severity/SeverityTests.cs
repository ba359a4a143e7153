using CovidCxr.Imaging.Lungs;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Severity;
using CovidCxr.Learning.Training;

namespace CovidCxr.Learning.Tests.Severity;

public sealed class SeverityTests
{
    // Two lungs, each half of the film, all of it.
    static readonly LungMask Lungs = new(2, 2, [1, 1, 1, 1]);

    [Fact]
    public void Inputs_FeatureInOneZone_StandInThatZoneAndInTheWhole()
    {
        for (var zone = 0; zone < SeverityHead.ZoneCount; zone++)
        {
            // One channel on a grid of 6 x 6: the zone's 3 columns and 2 rows are 1.
            var features = new float[36];
            for (var i = 0; i < 6; i++)
            {
                features[((((zone % 3) * 2) + (i / 3)) * 6) + ((zone / 3) * 3) + (i % 3)] = 1;
            }

            var inputs = SeverityHead.Inputs(features, 6, 6, Lungs, FilmRegion.Whole);

            Assert.All(inputs.Select((input, at) => (input, at)), z => Assert.Equal(z.at == zone ? 1 : 0, z.input[0], 1e-5f));
            Assert.All(inputs, i => Assert.Equal(1 / 6f, i[1], 1e-5f));
        }
    }

    [Fact]
    public void Inputs_NoLungs_AreFinite() => Assert.All(
        SeverityHead.Inputs([.. Enumerable.Range(0, 32).Select(i => (float)i)], 4, 4, new(2, 2, new float[4]), FilmRegion.Whole),
        input => Assert.All(input, v => Assert.True(float.IsFinite(v))));

    [Fact]
    public void Read_FarInputs_StayOnTheScale()
    {
        var head = new SeverityHead([100, 0], 0, SumError: 3, []);
        var estimate = head.Read([[1, 0], [-1, 0], [0.01f, 0], [0, 0], [0, 0], [1, 0]]);

        Assert.Equal([3, 0, 1, 0, 0, 3], estimate.Zones, new Tolerance());
        Assert.Equal((7, 4, 10), (Math.Round(estimate.Sum, 4), Math.Round(estimate.Lower, 4), Math.Round(estimate.Upper, 4)));
    }

    [Fact]
    public void Read_ScoreOfTheLungs_IsOfTheFeaturesInThem_AndStaysOnItsScale()
    {
        var head = new SeverityHead([1, 0, 0, 0], 0, SumError: 3, [])
        {
            Scores = [new("Opacity", 6, [2, 1], Bias: 0.5, Error: 1), new("Extent", 8, [100, 0], 0, 1)],
        };
        var estimate = head.Read([.. Enumerable.Repeat<float[]>([9, 9, 1.25f, -1], 6)]);

        Assert.Equal([new LungScoreEstimate("Opacity", 2, 1, 3, 6), new("Extent", 8, 7, 8, 8)], estimate.Scores);
    }

    [Theory]
    [InlineData("Opacity", 6, 2, 1, true)]
    [InlineData("", 6, 2, 1, false)]
    [InlineData("Opacity", 0, 2, 0, false)]
    [InlineData("Opacity", 6, 3, 1, false)]
    [InlineData("Opacity", 6, 2, 7, false)]
    public void Header_WithAnUnsoundScoreOfTheLungs_IsRefused(string name, double max, int channels, double error, bool isSound)
    {
        var head = new SeverityHead([1, 0, 0, 0], 0, SumError: 3, []) { Scores = [new(name, max, new float[channels], 0, error)] };
        var header = new ModelHeader(
            "model", "resnet18", ["COVID-19", "Normal"], 0, 0.5, PreprocessingPreset.Square(64), null, [], new("", [], [], ""),
            new Dictionary<string, string>())
        { Severity = head };

        if (isSound)
        {
            Assert.Equal(6, ModelHeader.FromJson(header.ToJson()).Severity!.Scores[0].Max);
        }
        else
        {
            Assert.Throws<ModelFileException>(() => ModelHeader.FromJson(header.ToJson()));
        }
    }

    [Fact]
    public void ScoreFigures_OfTwoFilmsOfAPatient_CountTheDirectionOfTheChange()
    {
        // Right, wrong, said to be equal, and truly equal, which says nothing; the last patient has three films in the right order.
        int[] patients = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 4];
        double[] truth = [1, 3, 2, 5, 1, 2, 4, 4, 1, 2, 3], said = [0, 1, 6, 5, 3, 3, 1, 2, 1, 2, 3];
        var figures = ScoreFigures.Of(patients, said, truth);

        Assert.Equal((6, 4.5 / 6), (figures.Pairs, Math.Round(figures.Order.Value!.Value, 9)));
        Assert.Null(ScoreFigures.Of([0, 1, 2], [1, 2, 3], [1, 2, 3]).Order.Value);
    }

    [Fact]
    public void Figures_OfKnownErrors_AreThese()
    {
        // Twelve patients: two zones each off by one, the others right.
        var truth = Enumerable.Range(0, 12).Select(i => (IReadOnlyList<double>)[i % 3, 1, 2, 0, 1, i % 2]).ToList();
        var said = truth.ConvertAll(t => (IReadOnlyList<double>)[t[0] + 1, t[1], t[2] - 1, t[3], t[4], t[5]]);
        var figures = SeverityFigures.Of([.. Enumerable.Range(0, 12)], said, truth);

        Assert.Equal(2 / 6.0, figures.ZoneError.Value!.Value, 1e-9);
        Assert.Equal(0, figures.Sum.Error.Value!.Value, 1e-9);
        Assert.Equal(1, figures.Sum.Correlation.Value!.Value, 1e-9);
        Assert.InRange(figures.ZoneKappa.Value!.Value, 0.5, 0.95);
    }

    [Fact]
    public void ReadScores_EmptyOrImpossibleCells_LeaveTheRowOut()
    {
        var folder = Directory.CreateTempSubdirectory("severity-").FullName;
        try
        {
            File.WriteAllText(
                Path.Combine(folder, "scores.csv"),
                "file,a,b,c,d,e,f,g\na.jpg,1,2,3,0,1,2,3\nb.jpg,1,2,,0,1,2,3\nc.jpg,4,2,3,0,1,2,3\nd.jpg,1,x,3,0,1,2,3\n");
            var configuration = SeverityConfiguration.FromJson(
                """
                {
                  "data": { "name": "n", "sources": [], "split": {} }, "classes": ["film"], "scores": "scores.csv", "fileColumn": "file",
                  "zoneColumns": [["a", "b"], ["b"], ["c"], ["d"], ["e"], ["f"]]
                }
                """);

            var (file, zones) = Assert.Single(configuration.ReadScores(folder));
            Assert.Equal("a.jpg", file);
            Assert.Equal([1.5, 2, 3, 0, 1, 2], zones);
            Assert.Throws<DataSetException>(() => (configuration with { FileColumn = "none" }).ReadScores(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void ReadScores_OfTheLungs_HaveTheirOwnScale()
    {
        var folder = Directory.CreateTempSubdirectory("severity-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "scores.csv"), "file,extent\na.jpg,7.5\nb.jpg,8.5\nc.jpg,\n");
            var (file, score) = Assert.Single(
                new LungScoreSource("Extent", "scores.csv", "file", ["extent"], Max: 8).ReadScores(folder));

            Assert.Equal(("a.jpg", 7.5), (file, Assert.Single(score)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData(
        """
        {
          "data": { "name": "n", "sources": [], "split": {} }, "classes": ["film"], "scores": "s", "fileColumn": "f",
          "zoneColumns": [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]],
          "lungScores": [{ "name": "Extent", "scores": "s", "fileColumn": "f", "columns": ["x"], "max": 0 }]
        }
        """)]
    [InlineData("null")]
    [InlineData("""{ "data": { "name": "n", "sources": [], "split": {} }, "classes": [], "scores": "s", "fileColumn": "f" }""")]
    public void FromJson_Incomplete_IsRefused(string json) =>
        Assert.Throws<TrainingException>(() => SeverityConfiguration.FromJson(json));

    sealed class Tolerance : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) < 1e-5;

        public int GetHashCode(double value) => 0;
    }
}

using System.Text.Json;
using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Engine.Evaluation;
using CovidCxr.Engine.Explanation;
using CovidCxr.Engine.Training;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Optimization;
using CovidCxr.Learning.Training;
using CovidCxr.Testing;

namespace CovidCxr.Engine.Tests.Evaluation;

/// <summary>A tiny network that has learned to see the bright patch in the middle of the sick films.</summary>
public sealed class ModelEvaluationTests : IDisposable
{
    static readonly TrainingConfiguration Options = Runs.Options with
    {
        Epochs = 25,
        Augmentation = AugmentationOptions.None,
        Schedule = new(MinRate: 2e-3, MaxRate: 2e-2),
        Data = Runs.Options.Data with { Split = new(0.5, 0.2, 0.3) },
    };

    // Films are drawn by their seeds, the same in every test's folder: one training does for all.
    static readonly Lazy<ModelFile> Trained = new(Train);

    readonly FilmFolder _folder = Films();
    readonly DataSet _data;
    readonly ModelFile _model = Trained.Value;

    public ModelEvaluationTests() => _data = Runs.Load(_folder, Options);

    static FilmFolder Films() => FilmFolder.WithFilms(patientsPerClass: 24);

    static ModelFile Train()
    {
        using var folder = Films();
        using var state = TinyRuns.Start(Options, Runs.Load(folder, Options));
        TinyRuns.Train(state);
        var header = new ModelHeader(
            "patch", "tiny", Options.Classes, 0, 0.5, Runs.Preset, null, [], new("", [], [], ""), new Dictionary<string, string>());
        return new(header, state.Weights(), "0123");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_TestPart_MeasuresEveryImageOnce()
    {
        var test = _data.Of(DataPart.Test);
        var report = Evaluation().Run("test", test, TestContext.Current.CancellationToken);
        Assert.Equal(test.Count, report.Overall.Images);
        Assert.Equal(test.Count, report.Confusion.Counts.Sum(r => r.Sum()));
        Assert.True(report.Overall[FigureSet.Area].ByImage.Value > 0.9, $"{report.Overall[FigureSet.Area]}");
        Assert.Equal(12, report.MostConfused.Count);
        Assert.Equal(report.MostConfused.OrderByDescending(c => c.Loss), report.MostConfused);
        Assert.Equal(_data.Counts(), report.Counts);
        Assert.Null(report.LungsBlackedOut);
        Assert.Empty(report.SeenInTraining);
    }

    [Fact]
    public void Run_WithHeatMaps_AreGradCamOfTheDecisionOnWhatTheModelSaw()
    {
        var test = _data.Of(DataPart.Test);
        var report = Evaluation(drawsHeatMaps: true).Run("test", test, TestContext.Current.CancellationToken);

        using var network = TinyRuns.Network(7);
        StateDict.Load(network, _model.Tensors);
        network.eval();
        Assert.All(report.MostConfused, confused =>
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            var index = test.ToList().FindIndex(s => s.Image.File.Path == confused.Path);
            var film = new BatchLoader(Runs.Preset, 1).Batches(test, [index], null, 0, TestContext.Current.CancellationToken)
                .Select(b => b.ToInput(Runs.Preset, TorchSharp.torch.CPU, Precision.Float32)).Single();
            var features = network.Features(film);
            var row = network.Head.weight![Options.Classes.ToList().IndexOf(confused.Predicted)];
            var expected = GradCam.ClosedForm(
                features.data<float>().ToArray(), row.data<float>().ToArray(), (int)features.shape[2], (int)features.shape[3]);
            Assert.Equal(expected.Values.Length, confused.HeatMap!.Values.Length);
            Assert.All(expected.Values.Zip(confused.HeatMap.Values), v => Assert.Equal(v.First, v.Second, 1e-4f));
        });
        Assert.All(Evaluation().Run("test", test, TestContext.Current.CancellationToken).MostConfused, c => Assert.Null(c.HeatMap));
    }

    [Fact]
    public void Run_WithMasksOverTheWholeFilm_ShowsChanceAndALoss()
    {
        // Less than the whole would not do: the patch moves the grey window of all that is around it, and the network has learned that too.
        foreach (var sample in _data.Samples)
        {
            _folder.Write(
                $"films/lung-masks/{Path.GetFileName(sample.Image.File.Path)}", PngEncoder.Encode(FilmFolder.Mask(64, _ => true)));
        }

        var lungs = Evaluation().Run("all", _data.Samples, TestContext.Current.CancellationToken).LungsBlackedOut!;
        Assert.Equal(_data.Samples.Count, lungs.Blacked.Images);
        Assert.True(lungs.Whole[FigureSet.Area].ByImage.Value > 0.9, $"{lungs.Whole[FigureSet.Area]}");
        Assert.Equal(0.5, lungs.Blacked[FigureSet.Area].ByImage.Value!.Value, 1e-12);
        Assert.Equal(LungsVerdict.ReadsLungs, lungs.Verdict);
        Assert.True(lungs.AreaLost!.Value > 0.4, $"{lungs.AreaLost}");
    }

    [Fact]
    public void Run_WithMasksBesideThePatch_SaysThatTheModelReadsNoLungs()
    {
        foreach (var sample in _data.Samples)
        {
            _folder.Write(
                $"films/lung-masks/{Path.GetFileName(sample.Image.File.Path)}", PngEncoder.Encode(FilmFolder.Mask(64, x => x < 12)));
        }

        var report = Evaluation().Run("all", _data.Samples, TestContext.Current.CancellationToken);
        Assert.Equal(LungsVerdict.ReadsNoLungs, report.LungsBlackedOut!.Verdict);
        var again = EvaluationReport.FromJson(report.ToJson()).LungsBlackedOut!;
        Assert.Equal(
            (report.LungsBlackedOut.AreaLost, report.LungsBlackedOut.Verdict, report.LungsBlackedOut.Reading),
            (again.AreaLost, again.Verdict, again.Reading));
    }

    [Fact]
    public void Run_WithAFinderAndNoDrawnMask_MeasuresOnWhatItFinds()
    {
        var evaluation = new ModelEvaluation(_model, _data, _folder.Root, TimeProvider.System)
        {
            Create = Network,
            FindsLungs = _ => new(1, 1, [1]),
        };
        var lungs = evaluation.Run("all", _data.Samples, TestContext.Current.CancellationToken).LungsBlackedOut!;
        Assert.Equal((0, _data.Samples.Count), (lungs.Drawn, lungs.Found));
        Assert.Equal(LungsVerdict.ReadsLungs, lungs.Verdict);
    }

    [Fact]
    public void Run_SomeImagesSeenInTraining_AreCountedAndLeftOutOfEveryFigure()
    {
        var test = _data.Of(DataPart.Test);
        var seen = test.Take(3).Select(s => s.Image.File.Path).ToHashSet();
        var report = Evaluation(seen, new HashSet<string> { "films" }).Run("test", test, TestContext.Current.CancellationToken);
        var without = Evaluation().Run(
            "test", [.. test.Where(s => !seen.Contains(s.Image.File.Path))], TestContext.Current.CancellationToken);
        Assert.Equal(seen.Order(), report.SeenInTraining.Order());
        Assert.Equal(test.Count - 3, report.Overall.Images);
        Assert.Equal(without.Overall.Figures, report.Overall.Figures);
        Assert.Equal(without.Confusion.Counts.SelectMany(c => c), report.Confusion.Counts.SelectMany(c => c));
        Assert.Equal(without.MostConfused.Select(c => c.Path), report.MostConfused.Select(c => c.Path));
        Assert.Equal((test.Count - 3, 3), (report.BySource[0].Figures.Images, report.BySource[0].SeenInTraining));
        Assert.Contains("3 images that were seen in training are left out of every figure.", report.Statements);
        Assert.Contains("nothing here shows", report.SourcesCheck, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_SourceOfWhichSomeImagesWereSeen_StaysUnseen()
    {
        var test = _data.Of(DataPart.Test);
        var seen = test.Take(3).Select(s => s.Image.File.Path).ToHashSet();
        var report = Evaluation(seen, new HashSet<string> { "another" }).Run("test", test, TestContext.Current.CancellationToken);
        Assert.False(Assert.Single(report.BySource).WasTrainedOn);
        Assert.StartsWith("Not seen in training: films.", report.SourcesCheck, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_AllImagesSeenInTraining_IsRefused()
    {
        var test = _data.Of(DataPart.Test);
        var refusal = Assert.Throws<TrainingException>(() => Evaluation(test.Select(s => s.Image.File.Path).ToHashSet())
            .Run("test", test, TestContext.Current.CancellationToken));
        Assert.Contains("nothing can be measured", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_OneSourceSeenAsAWhole_HasNoFiguresOfIt()
    {
        var apart = _data.Of(DataPart.Test)
            .Select((s, i) => s with { Image = s.Image with { File = s.Image.File with { Source = i < 4 ? "here" : "there" } } }).ToList();
        var report = Evaluation(apart.Take(4).Select(s => s.Image.File.Path).ToHashSet())
            .Run("test", apart, TestContext.Current.CancellationToken);
        Assert.Equal((0, 4), (report.BySource[0].Figures.Images, report.BySource[0].SeenInTraining));
        Assert.All(report.BySource[0].Figures.Figures, f => Assert.Null(f.ByImage.Value));
        Assert.StartsWith("Not seen in training: there.", report.SourcesCheck, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_SourceThatWasNotTrainedOn_IsNamed()
    {
        var report = Evaluation().Run("test", _data.Of(DataPart.Test), TestContext.Current.CancellationToken);
        Assert.False(Assert.Single(report.BySource).WasTrainedOn);
        Assert.StartsWith("Not seen in training: films.", report.SourcesCheck, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_SourceOfOneClass_IsRemarked()
    {
        var apart = _data.Of(DataPart.Test)
            .Select(s => s with { Image = s.Image with { File = s.Image.File with { Source = s.Class == 0 ? "here" : "there" } } })
            .ToList();
        var report = Evaluation().Run("test", apart, TestContext.Current.CancellationToken);
        Assert.Contains(report.Statements, s => s.Contains("'here' are positive", StringComparison.Ordinal));
        Assert.Contains(report.Statements, s => s.Contains("'there' are negative", StringComparison.Ordinal));
    }

    [Fact]
    public void ToJson_OfAReport_IsPlainJsonWithTheNotice()
    {
        var json = Evaluation().Run("test", _data.Of(DataPart.Test), TestContext.Current.CancellationToken).ToJson();
        using var document = JsonDocument.Parse(json);
        Assert.Equal("Decision support, never a diagnosis.", document.RootElement.GetProperty("note").GetString());
        var points = document.RootElement.GetProperty("roc").GetProperty("points");
        Assert.Equal(JsonValueKind.Null, points[0].GetProperty("threshold").ValueKind);
        Assert.Equal(1, points[points.GetArrayLength() - 1].GetProperty("truePositiveRate").GetDouble());
        Assert.False(document.RootElement.GetProperty("mostConfused")[0].TryGetProperty("pixels", out _));
    }

    ModelEvaluation Evaluation(IReadOnlySet<string>? seen = null, IReadOnlySet<string>? sources = null, bool drawsHeatMaps = false) =>
        new(_model, _data, _folder.Root, TimeProvider.System)
        {
            DrawsHeatMaps = drawsHeatMaps,
            Create = Network,
            Seen = seen ?? new HashSet<string>(),
            TrainedSources = sources ?? new HashSet<string>()
        };

    static Backbone Network(ModelFile file)
    {
        var network = new TinyNetwork();
        StateDict.Load(network, file.Tensors);
        return network;
    }
}

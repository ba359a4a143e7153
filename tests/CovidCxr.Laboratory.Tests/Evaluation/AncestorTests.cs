using CovidCxr.Imaging.Rendering;
using CovidCxr.Laboratory.Evaluation;
using CovidCxr.Laboratory.Training;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Gate;
using CovidCxr.Learning.Training;

namespace CovidCxr.Laboratory.Tests.Evaluation;

/// <summary>A model that starts from another has seen what that one was trained on.</summary>
[Trait("Speed", "Slow")]
public sealed class AncestorTests : IDisposable
{
    readonly Testing.FilmFolder _folder = Testing.FilmFolder.WithFilms(patientsPerClass: 20);

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Evaluate_ASecondModelOnItsTestPart_LeavesOutWhatTheFirstOneWasTrainedOn()
    {
        var first = await TrainAsync("first", seed: 1, null);
        var second = await TrainAsync("second", seed: 2, first);

        var report = await EvaluateAsync(new(second, _folder.Root));

        var trained = ModelFile.Read(first).Header.TrainedImages!.Images.Count;
        var tested = ModelFile.Read(second).Header.Training!.Counts.Where(c => c.Part == "test").Sum(c => c.Images);
        Assert.Equal(20, trained);
        Assert.NotEmpty(report.SeenInTraining);
        Assert.Equal(tested, report.Overall.Images + report.SeenInTraining.Count);
        Assert.StartsWith($"{report.SeenInTraining.Count} of {tested} images stand among", report.Statements[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_ASecondModelOnTheFirstOnesCollection_KnowsItsSourceAndImages()
    {
        foreach (var i in Enumerable.Range(0, 16))
        {
            var film = PngEncoder.Encode(Testing.FilmFolder.Film(i < 8, 9000 + i, 64));
            _folder.Write($"others/{(i < 8 ? "COVID-19" : "Other")}/q{i:D2}_0.png", film);
        }

        var first = await TrainAsync("first", seed: 1, null);
        var second = await TrainAsync("second", seed: 1, first, source: "others");
        var config = Write("first-again", Configuration(seed: 5, null, "films"));
        // As a registered file has it: no manifest beside it, and a root where the training data are not.
        var alone = Path.Combine(_folder.Output("alone"), "model.safetensors");
        File.Copy(second, alone);

        var report = await EvaluateAsync(new(alone, _folder.Root) { ConfigurationPath = config });

        Assert.Equal((20, 20), (report.SeenInTraining.Count, report.Overall.Images));
        var source = Assert.Single(report.BySource);
        Assert.Equal((true, 20), (source.WasTrainedOn, source.SeenInTraining));
    }

    [Fact]
    public async Task Evaluate_OnLaterFilmsOfTrainedPatients_LeavesThoseOutToo()
    {
        var first = await TrainAsync("first", seed: 1, null);
        foreach (var patient in Enumerable.Range(0, 40))
        {
            var film = PngEncoder.Encode(Testing.FilmFolder.Film(patient < 20, 7000 + patient, 64));
            _folder.Write($"films/{(patient < 20 ? "COVID-19" : "Other")}/p{patient:D2}_1.png", film);
        }

        var report = await EvaluateAsync(
            new(first, _folder.Root) { ConfigurationPath = Write("all", Configuration(seed: 5, null, "films")) });

        Assert.Equal((40, 40), (report.SeenInTraining.Count, report.Overall.Images));
    }

    [Fact]
    public async Task Evaluate_WhereTheDivisionCameOutAnother_TakesWhatTheModelWasNotTrainedOn()
    {
        var model = await TrainAsync("first", seed: 1, null);
        foreach (var patient in new[] { "q0", "q1" })
        {
            var film = PngEncoder.Encode(Testing.FilmFolder.Film(true, 8000 + patient[1], 64));
            _folder.Write($"films/COVID-19/{patient}_0.png", film);
        }

        var measured = Assert.IsType<EvaluateModelResult.Measured>(
            await new EvaluateModel(TimeProvider.System).RunAsync(new(model, _folder.Root), Cancellation));

        var report = EvaluationReport.FromJson(measured.Json);
        Assert.Equal((0, 22), (report.SeenInTraining.Count, report.Overall.Images));
        Assert.StartsWith("images not trained on", report.Part, StringComparison.Ordinal);
        Assert.StartsWith("WARNING: the images or their division are not those of the training", report.Statements[0],
            StringComparison.Ordinal);
        var check = measured.Gate.Checks.Single(c => c.Name == "duplicates and ancestors");
        Assert.Equal(GateVerdict.NotKnown, check.Verdict);
        Assert.Contains("another manifest", check.Finding, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_AModelThatStartedFromForeignWeights_SaysSo()
    {
        var foreign = Path.Combine(_folder.Root, "foreign.safetensors");
        Testing.TestModels.Write(foreign, seed: 3);

        var report = await EvaluateAsync(new(await TrainAsync("own", seed: 1, foreign), _folder.Root));

        Assert.Contains(
            report.Statements,
            s => s.StartsWith("WARNING: 'foreign', which it started from, was not trained here", StringComparison.Ordinal));
    }

    static async Task<EvaluationReport> EvaluateAsync(EvaluateModelRequest request) => EvaluationReport.FromJson(
        Assert.IsType<EvaluateModelResult.Measured>(await new EvaluateModel(TimeProvider.System).RunAsync(request, Cancellation)).Json);

    async Task<string> TrainAsync(string name, long seed, string? initialModel, string source = "films")
    {
        var request = new TrainModelRequest(
            Write(name, Configuration(seed, initialModel, source)), _folder.Root, _folder.Output(name), Resumes: false);
        return Assert.IsType<TrainModelResult.Ended>(
            await new TrainModel(TimeProvider.System).RunAsync(request, _ => { }, Cancellation)).ModelPath!;
    }

    string Write(string name, TrainingConfiguration configuration)
    {
        _folder.Write($"{name}.json", System.Text.Encoding.UTF8.GetBytes(configuration.ToJson()));
        return Path.Combine(_folder.Root, $"{name}.json");
    }

    static TrainingConfiguration Configuration(long seed, string? initialModel, string source) => Testing.Runs.Options with
    {
        Epochs = 1,
        BatchSize = 8,
        Seed = seed,
        InitialModel = initialModel,
        Data = Testing.Runs.Options.Data with { Sources = [Testing.Runs.Films with { Path = source }], Split = new(0.5, 0.25, 0.25) },
    };
}

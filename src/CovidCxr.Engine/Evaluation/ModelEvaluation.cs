using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Engine.Training;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Optimization;
using CovidCxr.Statistics.Calibration;

namespace CovidCxr.Engine.Evaluation;

/// <summary>Puts a set of images through a model and reports what came of it. Runs on the caller's thread.</summary>
/// <param name="data">Divided; of the model's classes, in its order.</param>
/// <param name="root">Where the sources' paths start: lung masks are looked for there.</param>
public sealed class ModelEvaluation(ModelFile model, DataSet data, string root, TimeProvider time)
{
    const int BatchSize = 16, ConfusedImages = 12;

    readonly ModelHeader _header = model.Header;

    /// <summary>Makes the network of the file; tests take a smaller one than any of the catalogue.</summary>
    internal Func<ModelFile, Backbone> Create { get; init; } = file => file.ToNetwork();

    /// <summary>Images of the set that the model was trained on.</summary>
    public IReadOnlySet<string> Seen { get; init; } = new HashSet<string>();

    /// <summary>Sources that the model was trained on.</summary>
    public IReadOnlySet<string> TrainedSources { get; init; } = new HashSet<string>();

    /// <summary>Gives the most confused images their heat maps.</summary>
    public bool DrawsHeatMaps { get; init; }

    /// <summary>What a reader must know besides.</summary>
    public IReadOnlyList<string> Statements { get; init; } = [];

    /// <param name="name">Of the part, in words.</param>
    /// <param name="samples">Of the data set, at least one.</param>
    public EvaluationReport Run(string name, IReadOnlyList<Sample> samples, CancellationToken cancellation)
    {
        using var network = Create(model);
        network.MoveTo(ComputeDevice.Best);
        var cases = Answer(network, samples, cancellation);
        var positive = _header.PositiveClass;
        var fresh = cases.Where(c => !Seen.Contains(c.File.Path)).ToList();
        var sources = cases.GroupBy(c => c.File.Source).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new SourceFigures(
                g.Key, TrainedSources.Contains(g.Key) || g.Any(c => Seen.Contains(c.File.Path)), FigureSet.Of(g.Key, [.. g], positive)))
            .ToList();
        return new(
            new(_header.Name, _header.Architecture, model.Sha256, _header.Classes, _header.Classes[positive], _header.Threshold),
            data.Options.Name, name, data.Counts(), [.. Statements, .. OneClassSources(sources)],
            FigureSet.Of("all images", cases, positive),
            fresh.Count < cases.Count ? FigureSet.Of("without images seen in training", fresh, positive) : null,
            [.. cases.Select(c => c.File.Path).Where(Seen.Contains)], ConfusionMatrix.Of(cases, _header.Classes),
            RocReport.Of(FigureSet.RocOf(cases, positive)),
            ReliabilityDiagram.Of(
                [.. cases.Select(c => (double)c.Prediction.Probabilities[positive])], [.. cases.Select(c => c.Truth == positive)]),
            sources, SourcesCheck(sources), BlackOutLungs(network, samples, cancellation),
            Explained(network, ConfusedImage.WorstOf(cases, _header.Classes, ConfusedImages)), time.GetUtcNow());
    }

    IReadOnlyList<ConfusedImage> Explained(Backbone network, IReadOnlyList<ConfusedImage> worst) =>
        DrawsHeatMaps ? ConfusedMaps.Draw(network, _header.Preset, _header.Classes, worst) : worst;

    List<EvaluatedCase> Answer(Backbone network, IReadOnlyList<Sample> samples, CancellationToken cancellation) =>
        [.. Predictor.Run(network, samples, _header.Preset, Precision.Float32, BatchSize, cancellation).Select(
            p => EvaluatedCase.Of(p, _header, data.Options.GroupBy))];

    BlackedOutLungs? BlackOutLungs(Backbone network, IReadOnlyList<Sample> samples, CancellationToken cancellation)
    {
        var pairs = LungMasks.Apply(samples, root, _header.Preset);
        if (pairs.Count == 0)
        {
            return null;
        }

        var whole = FigureSet.Of(
            "images with a lung mask", Answer(network, [.. pairs.Select(p => p.Whole)], cancellation), _header.PositiveClass);
        var blacked = FigureSet.Of(
            "the same with the lungs blacked out", Answer(network, [.. pairs.Select(p => p.Blacked)], cancellation), _header.PositiveClass);
        return new(whole, blacked, ReadingOf(blacked));
    }

    // Where resampling gives no interval (few patients) the images' own is what there is; a perfect separation has neither, and needs none
    // here.
    static string ReadingOf(FigureSet blacked) =>
        (blacked[FigureSet.Area].ByImage.Value, blacked[FigureSet.Area].ByPatient.Lower ?? blacked[FigureSet.Area].ByImage.Lower) switch
        {
            (null, _) => "These images are of one class only: they cannot show whether the classes are told apart without lungs.",
            (1, _) or (_, > 0.5) => "Without any lung to see, the model still tells the classes apart better than chance: part of what it "
                + "reads is not the disease but device, cropping or marks.",
            _ => $"Without lungs the model does not tell the classes of these {blacked.Images} images apart surely better than chance, as "
                + $"it should be.",
        };

    static IEnumerable<string> OneClassSources(List<SourceFigures> sources) =>
        from source in sources
        where sources.Count > 1 && (source.Figures.Positives == 0 || source.Figures.Positives == source.Figures.Images)
        select $"All images of the source '{source.Source}' are {(source.Figures.Positives == 0 ? "negative" : "positive")}: telling "
            + $"sources apart is as good here as telling the disease, and the overall figures flatter.";

    static string SourcesCheck(List<SourceFigures> sources) => sources.Where(s => !s.WasTrainedOn).Select(s => s.Source).ToList() switch
    {
        [] => "Every source evaluated here was also trained on: nothing here shows what the model does on films from elsewhere. Evaluate "
            + "it on another collection (--config).",
        var unseen => $"Not seen in training: {string.Join(", ", unseen)}. Their figures are what to expect on films from elsewhere.",
    };
}

using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Engine.Training;
using CovidCxr.Imaging.Lungs;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Optimization;
using CovidCxr.Learning.Training;
using CovidCxr.Statistics.Calibration;

namespace CovidCxr.Engine.Evaluation;

/// <summary>Puts a set of images through a model and reports what came of it. Runs on the caller's thread.</summary>
/// <param name="data">Divided; of the model's classes, in its order.</param>
/// <param name="root">Where the sources' paths start: lung masks are looked for there.</param>
public sealed class ModelEvaluation(ModelFile model, DataSet data, string root, TimeProvider time)
{
    const int BatchSize = 16, ConfusedImages = 12;

    // Films are covered and looked at to answer a question, not to measure a figure to the last digit.
    const int MostCovered = 1000, MostLookedAt = 200;

    readonly ModelHeader _header = model.Header;

    /// <summary>Makes the network of the file; tests take a smaller one than any of the catalogue.</summary>
    internal Func<ModelFile, Backbone> Create { get; init; } = file => file.ToNetwork();

    /// <summary>Images of the set that the model, or one that it started from, was trained on: left out of every figure.</summary>
    public IReadOnlySet<string> Seen { get; init; } = new HashSet<string>();

    /// <summary>Sources that the model, or one that it started from, was trained on.</summary>
    public IReadOnlySet<string> TrainedSources { get; init; } = new HashSet<string>();

    /// <summary>Gives the most confused images their heat maps.</summary>
    public bool DrawsHeatMaps { get; init; }

    /// <summary>Asks the guard and the lung finder what they make of the films themselves; seconds for a hundred films.</summary>
    public bool LooksAtFilms { get; init; }

    /// <summary>Finds the lungs of films without a drawn mask, to black them out; null leaves these films out of that test.</summary>
    public LungSegmentation? FindsLungs { get; init; }

    /// <summary>Compared with on the same films; null for none.</summary>
    public Rival? Rival { get; init; }

    /// <summary>Ancestors whose training images are not known, in words.</summary>
    public IReadOnlyList<string> UnknownAncestors { get; init; } = [];

    /// <summary>What a reader must know besides.</summary>
    public IReadOnlyList<string> Statements { get; init; } = [];

    /// <param name="name">Of the part, in words.</param>
    /// <param name="samples">Of the data set, at least one that was not seen in training.</param>
    /// <exception cref="TrainingException">All of them were seen in training.</exception>
    public EvaluationReport Run(string name, IReadOnlyList<Sample> samples, CancellationToken cancellation)
    {
        if (samples.All(s => Seen.Contains(s.Image.File.Path)))
        {
            throw new TrainingException($"The model was trained on all of these {samples.Count} images: nothing can be measured on them.");
        }

        using var network = Create(model);
        network.MoveTo(ComputeDevice.Best);
        var all = Answer(network, samples, cancellation);
        var cases = all.FindAll(c => !Seen.Contains(c.File.Path));
        var positive = _header.PositiveClass;
        var sources = all.GroupBy(c => c.File.Source).OrderBy(g => g.Key, StringComparer.Ordinal).Select(OfSource).ToList();
        return new(
            new(_header.Name, _header.Architecture, model.Sha256, _header.Classes, _header.Classes[positive], _header.Threshold),
            data.Options.Name, name, data.Counts(), [.. Statements, .. LeftOut(all.Count - cases.Count), .. OneClassSources(sources)],
            FigureSet.Of(name, cases, positive), [.. all.Select(c => c.File.Path).Where(Seen.Contains)],
            ConfusionMatrix.Of(cases, _header.Classes), RocReport.Of(FigureSet.RocOf(cases, positive)),
            ReliabilityDiagram.Of(
                [.. cases.Select(c => (double)c.Prediction.Probabilities[positive])], [.. cases.Select(c => c.Truth == positive)]),
            sources, SourcesCheck(sources),
            BlackOutLungs(network, [.. Spread(cases, MostCovered).Select(c => c.Prediction.Sample)], cancellation),
            Explained(network, ConfusedImage.WorstOf(cases, _header.Classes, ConfusedImages)), time.GetUtcNow())
        {
            Scores = ImageScore.Of(all, _header.Classes, Seen),
            Honesty = Honesty(network, cases, cancellation),
        };
    }

    HonestyFigures Honesty(Backbone network, List<EvaluatedCase> cases, CancellationToken cancellation)
    {
        var positive = _header.PositiveClass;
        var (width, height) = (_header.Preset.Width, _header.Preset.Height);
        var some = Spread(cases, MostCovered);
        CoveredFigures Covered(Func<Sample, Sample> cover) => CoveredFigures.Of(
            some, Answer(network, [.. some.Select(c => cover(c.Prediction.Sample))], cancellation), positive);
        return new(
            CoveredFigures.FewestPatients(cases, positive), Covered(s => CoveredFilms.WithoutCentre(s, width, height)),
            Covered(s => CoveredFilms.BorderOnly(s, width, height)), HonestyFigures.MetadataAreaOf(cases, positive),
            HonestyFigures.SourceAreaOf(data.Samples, positive), HonestyFigures.GroupsOf(cases, positive),
            data.Options.GroupBy == GroupBy.Patient, UnknownAncestors,
            LooksAtFilms ? FilmLook.At(network, _header.Preset, Spread(cases, MostLookedAt), root, cancellation) : null)
        {
            Rival = Rival?.Beside(cases, positive, cancellation),
        };
    }

    // Evenly over all of them, the same ones every time.
    static List<EvaluatedCase> Spread(List<EvaluatedCase> cases, int most) =>
        cases.Count <= most ? cases : [.. Enumerable.Range(0, most).Select(i => cases[(int)((long)i * cases.Count / most)])];

    SourceFigures OfSource(IGrouping<string, EvaluatedCase> source)
    {
        var fresh = source.Where(c => !Seen.Contains(c.File.Path)).ToList();
        return new(source.Key, TrainedSources.Contains(source.Key), FigureSet.Of(source.Key, fresh, _header.PositiveClass))
        {
            SeenInTraining = source.Count() - fresh.Count,
        };
    }

    IReadOnlyList<ConfusedImage> Explained(Backbone network, IReadOnlyList<ConfusedImage> worst) =>
        DrawsHeatMaps ? ConfusedMaps.Draw(network, _header.Preset, _header.Classes, worst) : worst;

    List<EvaluatedCase> Answer(Backbone network, IReadOnlyList<Sample> samples, CancellationToken cancellation) =>
        [.. Predictor.Run(network, samples, _header.Preset, Precision.Float32, BatchSize, cancellation).Select(
            p => EvaluatedCase.Of(p, _header, data.Options.GroupBy))];

    BlackedOutLungs? BlackOutLungs(Backbone network, IReadOnlyList<Sample> samples, CancellationToken cancellation)
    {
        var (pairs, found) = LungMasks.Apply(samples, root, _header.Preset, FindsLungs);
        if (pairs.Count == 0)
        {
            return null;
        }

        return BlackedOutLungs.Of(
            Answer(network, [.. pairs.Select(p => p.Whole)], cancellation),
            Answer(network, [.. pairs.Select(p => p.Blacked)], cancellation), _header.PositiveClass, found);
    }

    static IEnumerable<string> LeftOut(int seen) =>
        seen == 0 ? [] : [$"{seen} images that were seen in training are left out of every figure."];

    static IEnumerable<string> OneClassSources(List<SourceFigures> sources) =>
        from source in sources
        where sources.Count > 1 && source.Figures.Images > 0
            && (source.Figures.Positives == 0 || source.Figures.Positives == source.Figures.Images)
        select $"All images of the source '{source.Source}' are {(source.Figures.Positives == 0 ? "negative" : "positive")}: telling "
            + $"sources apart is as good here as telling the disease, and the overall figures flatter.";

    static string SourcesCheck(List<SourceFigures> sources) =>
        sources.Where(s => !s.WasTrainedOn && s.Figures.Images > 0).Select(s => s.Source).ToList() switch
        {
            [] => "Every source evaluated here was also trained on: nothing here shows what the model does on films from elsewhere. "
                + "Evaluate it on another collection (--config).",
            var unseen => $"Not seen in training: {string.Join(", ", unseen)}. Their figures are what to expect on films from elsewhere.",
        };
}

using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Engine.Lungs;
using CovidCxr.Engine.Training;
using CovidCxr.Engine.Training.Callbacks;
using CovidCxr.Engine.Training.Sessions;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Optimization;
using CovidCxr.Learning.Training;
using CovidCxr.Statistics.Calibration;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Engine.Evaluation;

/// <summary>Who is told how a cross-validation goes.</summary>
/// <param name="Fold">Told the number of a fold, from 1, before it begins.</param>
public sealed record CrossValidationWatch(Action<string> Note, Action<int> Fold, Action<TrainingState> Step, Action<EpochMetrics> Epoch);

/// <summary>
/// Trains one model per fold with the same trainer. A fold is tested by a model that was trained on the others, less the next one, which
/// chooses epoch and threshold: nothing about a tested image has reached its model. Finished folds are kept, so that the same call goes on
/// after a stop.
/// </summary>
/// <param name="options">Its data's split is not used; its grouping is. Folds that a manifest has are taken as they are.</param>
/// <param name="output">Gets a folder per fold.</param>
public sealed class CrossValidation(TrainingConfiguration options, string dataFolder, string output, TimeProvider time)
{
    public const int MinFolds = 3, MaxFolds = 20;

    const int ConfusedImages = 12, BatchSize = 16;

    /// <summary>Of decoded images in memory; what is above lies in a file in the output folder.</summary>
    public long CacheBytes { get; init; } = PixelCache.DefaultMaxBytes;

    /// <summary>Gives the most confused images their heat maps.</summary>
    public bool DrawsHeatMaps { get; init; }

    /// <summary>Makes the networks; tests take smaller ones than any of the catalogue.</summary>
    internal Func<Backbone> Create { get; init; } = () => BackboneCatalog.Create(options.Architecture, options.Classes.Count, options.Seed);

    /// <param name="folds">MinFolds to MaxFolds.</param>
    /// <returns>Null where cancelled.</returns>
    /// <exception cref="TrainingException">A fold ended without a model.</exception>
    /// <exception cref="DataSetException">The data cannot be used.</exception>
    /// <exception cref="ModelFileException">The output folder holds another run.</exception>
    public CrossValidationReport? Run(int folds, CrossValidationWatch watch, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, MinFolds);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(folds, MaxFolds);
        Directory.CreateDirectory(output);
        watch.Note("Reading and checking the images.");
        var data = DataSet.LoadForTest(
            options.Data, dataFolder, options.Classes, options.Preset, new PixelCache(CacheBytes, output), null, cancellation,
            LungFinder.For(options.Preset));
        data.LeftOut.Select(l => $"Left out: {l}").Concat(data.Remarks).ToList().ForEach(watch.Note);
        CheckClasses(data);
        var frozen = Frozen(data, folds);
        var assigned = frozen
            ?? FoldSplitter.Assign([.. data.Samples.Select(s => s.Class)], [.. data.Samples.Select(s => s.Group)], folds, options.Seed);
        var divisions = Enumerable.Range(0, folds)
            .Select(test => data.Divided([.. assigned.Select(f => FoldSplitter.PartOf(f, test, folds))])).ToList();
        var grouping = GroupingStatement(divisions, frozen is null ? $"seed {options.Seed}" : "as the data set version is");
        watch.Note(grouping);

        var results = new List<FoldResult>();
        foreach (var division in divisions)
        {
            watch.Fold(results.Count + 1);
            watch.Note($"Fold {results.Count + 1} of {folds}.");
            if (RunFold(results.Count + 1, division, watch, cancellation) is not { } result)
            {
                return null;
            }

            results.Add(result);
        }

        var early = results.Select((r, i) => (r.StopReason, Fold: i + 1)).Where(r => r.StopReason is not null)
            .Select(r => $"Fold {r.Fold} ended early: {r.StopReason}");
        return Summarise(data, divisions, results, [grouping, .. early, .. data.LeftOut.Select(l => $"Left out: {l}"), .. data.Remarks]);
    }

    FoldResult? RunFold(int fold, DataSet data, CrossValidationWatch watch, CancellationToken cancellation)
    {
        var folder = Path.Combine(output, $"fold-{fold}");
        var path = Path.Combine(folder, "fold.json");
        var manifest = DataManifest.Of(data).Hash();
        if (FoldResult.TryRead(path, options.ToJson(), manifest) is { } done)
        {
            watch.Note($"Fold {fold} was done before.");
            return done;
        }

        // Memory that is too little for one fold is for every fold; whoever saw the process die knows of no folds.
        var place = new SessionPlace(dataFolder, folder, Resumes: true) { ShortageFolder = output };
        var session = new TrainingSession(options, place, time, data) { Create = Create };
        var run = session.Run(watch.Note, watch.Step, watch.Epoch, cancellation);
        if (run.ModelPath is null)
        {
            return cancellation.IsCancellationRequested
                ? null
                : throw new TrainingException($"Fold {fold} ended without a model: {run.StopReason}");
        }

        var model = ModelFile.Read(run.ModelPath);
        using var network = Create();
        StateDict.Load(network, model.Tensors);
        network.MoveTo(ComputeDevice.Best);
        var answers = Predictor.Run(network, data.Of(DataPart.Test), model.Header.Preset, Precision.Float32, BatchSize, cancellation)
            .Select(p => new FoldResult.Answer(p.Sample.Image.File.Path, model.Header.Decide(p.Probabilities), p.Probabilities, p.Loss));
        var summary = model.Header.Training!;
        var result = new FoldResult(
            options.ToJson(), manifest, model.Header.Threshold, summary.Epochs, summary.BestEpoch, [.. answers], run.StopReason);
        result.Write(path);
        CheckpointCallback.Files(folder).ToList().ForEach(File.Delete);
        return result;
    }

    CrossValidationReport Summarise(DataSet data, List<DataSet> divisions, List<FoldResult> results, IReadOnlyList<string> statements)
    {
        var positive = options.Classes.ToList().IndexOf(options.PositiveClass);
        var ancestors = TrainedImages.Of([], options.InitialModel);
        var seen = SeenImages.WithPatients(data.Samples, ancestors);
        IReadOnlyList<EvaluatedCase> Fresh(FoldResult fold) => [.. fold.Cases(data).Where(c => !seen.Contains(c.File.Path))];
        var perFold = results.Select((r, i) => new FoldFigures(
            i + 1, divisions[i].Of(DataPart.Train).Count, divisions[i].Of(DataPart.Validation).Count, r.Epochs, r.BestEpoch, r.Threshold,
            FigureSet.Of($"fold {i + 1}", Fresh(r), positive))).ToList();
        var cases = results.SelectMany(Fresh).ToList();
        if (cases.Count == 0)
        {
            throw new TrainingException("The initial model was trained on all of these images: nothing can be measured on them.");
        }

        statements = [.. statements, .. StartStatements(ancestors, seen.Count)];
        return new(
            options.Name, options.Data.Name, results.Count, options.Data.GroupBy == GroupBy.Patient ? "patient" : "image", statements,
            perFold, Means(perFold), FigureSet.Of("all folds pooled", cases, positive), ConfusionMatrix.Of(cases, options.Classes),
            RocReport.Of(FigureSet.RocOf(cases, positive)),
            ReliabilityDiagram.Of(
                [.. cases.Select(c => (double)c.Prediction.Probabilities[positive])], [.. cases.Select(c => c.Truth == positive)]),
            [.. cases.GroupBy(c => c.File.Source).OrderBy(g => g.Key, StringComparer.Ordinal).Select(
                g => FigureSet.Of(g.Key, [.. g], positive))],
            Explained(ConfusedImage.WorstOf(cases, options.Classes, ConfusedImages), results), time.GetUtcNow())
        {
            PositiveClass = options.PositiveClass,
        };
    }

    static IEnumerable<string> StartStatements(TrainedImages ancestors, int seen) =>
    [
        .. ancestors.Unknown.Select(u => $"WARNING: {u} Whether it has seen images that are tested here cannot be checked."),
        .. seen > 0
            ? [$"{seen} images that the initial model was trained on, or of whose patients it was, are left out of every figure."]
            : Array.Empty<string>(),
    ];

    // Each by the network that judged it.
    IReadOnlyList<ConfusedImage> Explained(IReadOnlyList<ConfusedImage> worst, List<FoldResult> results)
    {
        if (!DrawsHeatMaps)
        {
            return worst;
        }

        var drawn = new Dictionary<string, ConfusedImage>(StringComparer.Ordinal);
        foreach (var fold in worst.GroupBy(w => 1 + results.FindIndex(r => r.Answers.Any(a => a.Path == w.Path))))
        {
            var model = ModelFile.Read(Path.Combine(output, $"fold-{fold.Key}", "model.safetensors"));
            using var network = Create();
            StateDict.Load(network, model.Tensors);
            foreach (var image in ConfusedMaps.Draw(network, model.Header.Preset, options.Classes, fold))
            {
                drawn[image.Path] = image;
            }
        }

        return [.. worst.Select(w => drawn[w.Path])];
    }

    static List<FoldMeanFigure> Means(List<FoldFigures> perFold) =>
        [.. from figure in perFold.SelectMany(f => f.Figures.Figures).GroupBy(f => f.Name)
            let values = figure.Select(f => f.ByImage.Value).OfType<double>().ToList()
            select new FoldMeanFigure(
                figure.Key, FoldMean.Of(values), values.Count == 0 ? null : values.Min(), values.Count == 0 ? null : values.Max())];

    static int[]? Frozen(DataSet data, int folds)
    {
        var frozen = data.Samples.Select(s => s.Image.File.Fold).ToList();
        return frozen.TrueForAll(f => f is null) ? null
            : frozen.TrueForAll(f => f >= 1 && f <= folds) && frozen.Max() == folds ? [.. frozen.Select(f => f!.Value - 1)]
            : throw new DataSetException($"The data set version is divided into other folds than {folds}: divide it anew.");
    }

    void CheckClasses(DataSet data)
    {
        var empty = options.Classes.Where((_, c) => data.Samples.All(s => s.Class != c)).ToList();
        if (empty.Count > 0)
        {
            throw new DataSetException($"The class '{empty[0]}' has no image.");
        }
    }

    // What a division by image hides is counted: tested images whose patient the model has been trained on.
    string GroupingStatement(List<DataSet> divisions, string how)
    {
        if (options.Data.GroupBy == GroupBy.Patient)
        {
            return $"Divided by patient, class by class, {how}: all images of a patient, and duplicates of them, stand in one fold.";
        }

        var shared = divisions.Sum(d =>
        {
            var trained = d.Samples.Where(s => s.Part != DataPart.Test).Select(s => s.Image.File.Patient).ToHashSet(StringComparer.Ordinal);
            return d.Of(DataPart.Test).Count(s => trained.Contains(s.Image.File.Patient));
        });
        var total = divisions.Sum(d => d.Of(DataPart.Test).Count);
        return $"WARNING: divided by image (--group none), {how}. Images of one patient stand on both sides: {shared} of {total} tested "
            + $"images have a patient whom their model was trained on or chosen by. "
            + "These figures are too good and say little about new patients; use --group patient.";
    }
}

using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Engine.Lungs;
using CovidCxr.Engine.Training.Callbacks;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Networks;
using CovidCxr.Learning.Optimization;
using CovidCxr.Learning.Training;
using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Training.Sessions;

/// <summary>What a run needs from outside its configuration.</summary>
/// <param name="DataFolder">Where the sources' paths start.</param>
/// <param name="OutputFolder">Gets manifest.json, checkpoints, best.safetensors and, at the end, model.safetensors.</param>
/// <param name="Resumes">Goes on from the newest sound checkpoint in the output folder.</param>
/// <param name="StopReason">Asked after every step: why the run shall end with its best epoch; null as long as it shall go on.</param>
public sealed record SessionPlace(string DataFolder, string OutputFolder, bool Resumes, Func<string?>? StopReason = null)
{
    /// <summary>Bytes of decoded images held in memory; what is above it lies in a file in the output folder while the run lasts.</summary>
    public long CacheBytes { get; init; } = PixelCache.DefaultMaxBytes;

    /// <summary>Where it is noted that memory ran out: the output folder, or one that runs of the same batch share.</summary>
    public string ShortageFolder { get; init; } = OutputFolder;
}

/// <param name="ModelPath">The best epoch's weights with their header; null where the run was interrupted or no epoch finished.</param>
/// <param name="StopReason">Why the run ended before its last epoch; null where it did not.</param>
public sealed record SessionResult(string? ModelPath, IReadOnlyList<EpochMetrics> History, ModelHeader? Header, string? StopReason);

/// <summary>One run from configuration to model file.</summary>
/// <param name="divided">The data, read and divided already; null to read and divide them as the options say.</param>
public sealed class TrainingSession(TrainingConfiguration options, SessionPlace place, TimeProvider time, DataSet? divided = null)
{
    // Of few films that are all told apart the best temperature has no end, and scores would be 0 and 1 alone.
    const double Coldest = 0.25, Hottest = 4;

    readonly MemoryShortages _shortages = new(place.ShortageFolder);

    /// <summary>Makes the network; tests take a smaller one than any of the catalogue.</summary>
    internal Func<Backbone> Create { get; init; } = () => BackboneCatalog.Create(options.Architecture, options.Classes.Count, options.Seed);

    /// <param name="note">Told what happens, in words.</param>
    /// <param name="step">Told after every step.</param>
    /// <param name="epoch">Told after every epoch.</param>
    /// <exception cref="TrainingException">The configuration or the initial model cannot be used.</exception>
    /// <exception cref="DataSetException">The data cannot be used.</exception>
    /// <exception cref="ModelFileException">No checkpoint belongs to this run, on resuming.</exception>
    public SessionResult Run(Action<string> note, Action<TrainingState> step, Action<EpochMetrics> epoch, CancellationToken cancellation)
    {
        var started = time.GetUtcNow();
        var preset = options.Preset;
        Directory.CreateDirectory(place.OutputFolder);
        var data = divided ?? Load(preset, note, cancellation);
        note(string.Join(", ", data.Counts().Select(c => $"{c.Part} {c.Class}: {c.Images} images of {c.Patients} patients")));
        var validation = UnseenValidation.Of(data, options);
        validation.Remarks.ToList().ForEach(note);
        if (ProcessorPrecision.Warning(options.Precision) is { } slow)
        {
            note(slow);
        }

        var manifest = DataManifest.Of(data);
        File.WriteAllText(Path.Combine(place.OutputFolder, "manifest.json"), manifest.ToJson());

        if (!place.Resumes)
        {
            _shortages.Forget();
        }

        if (BatchSize < options.BatchSize)
        {
            note($"Memory has run out before. {Halved}");
        }

        var checkpoints = new CheckpointCallback(place.OutputFolder, manifest.Hash());
        IEnumerable<string> Files() => place.Resumes ? CheckpointCallback.Files(place.OutputFolder) : checkpoints.Saved;
        for (var resumes = place.Resumes; ; resumes = true)
        {
            using var state = CreateState(validation.Data, note);
            if (resumes)
            {
                Resume(state, Files(), manifest.Hash(), note);
            }

            TrainingCallback[] callbacks =
            [
                new ScheduleCallback(), new UnfreezingCallback(), new NanGuardCallback(), new EarlyStopCallback(),
                new StopCallback(place.StopReason ?? (() => null)), new BestModelCallback(Best), checkpoints,
                new ProgressCallback(step, epoch),
            ];
            if (Train(state, new Trainer(state, preset, callbacks), note, cancellation))
            {
                return Conclude(state, data, manifest, validation.Remarks, started, note, cancellation);
            }
        }
    }

    // False where memory ran out for the first time: all that the state holds must go before the run goes on with half the batch.
    bool Train(TrainingState state, Trainer trainer, Action<string> note, CancellationToken cancellation)
    {
        if (_shortages.Count > 1)
        {
            state.StopReason = SecondShortage;
            return true;
        }

        try
        {
            trainer.Run(cancellation);
        }
        catch (Exception e) when (OutOfMemory.Is(e))
        {
            _shortages.Add();
            if (_shortages.Count == 1 && MayHalve)
            {
                note(
                    $"Memory ran out in epoch {state.Epoch + 1}, step {state.StepInEpoch + 1}. {Halved} The run goes on from its last "
                        + $"checkpoint.");
                return false;
            }

            state.StopReason = MayHalve ? SecondShortage : $"{OutOfMemory.Advice} The batch of {options.BatchSize} cannot be halved.";
        }
        catch (IOException e)
        {
            state.StopReason = $"A file of the run cannot be written or read: {e.Message}";
        }

        return true;
    }

    SessionResult Conclude(
        TrainingState state, DataSet data, DataManifest manifest, IReadOnlyList<string> remarks, DateTimeOffset started,
        Action<string> note, CancellationToken cancellation)
    {
        var isUnfinished = state.StopReason is null && state.Epoch < options.Epochs;
        if (isUnfinished || state.KeptEpoch is null)
        {
            return new(null, state.History, null, state.StopReason);
        }

        note("Choosing the threshold of the best epoch.");
        var (header, weights) = Describe(state, data, manifest, remarks, started, note, cancellation);
        var path = Path.Combine(place.OutputFolder, "model.safetensors");
        try
        {
            ModelFile.Write(path, header, weights, inHalfPrecision: true);
        }
        catch (IOException e)
        {
            throw new TrainingException(
                $"{state.StopReason} The model cannot be written: {e.Message}. "
                    .TrimStart()
                + $"The weights of its best epoch stand in {Path.GetFileName(Best)}.",
                e);
        }

        return new(path, state.History, header, state.StopReason);
    }

    string Best => Path.Combine(place.OutputFolder, "best.safetensors");

    // A batch norm needs two images.
    bool MayHalve => options.BatchSize >= 4;

    int BatchSize => _shortages.Count > 0 && MayHalve ? options.BatchSize / 2 : options.BatchSize;

    string Halved => $"Batches hold {options.BatchSize / 2} images from there on, not {options.BatchSize}.";

    string SecondShortage => $"Memory ran out again, with batches of {BatchSize}. Take smaller images (imageSize) or a smaller network.";

    DataSet Load(PreprocessingPreset preset, Action<string> note, CancellationToken cancellation)
    {
        note("Reading and checking the images.");
        var data = DataSet.Load(
            options.Data, place.DataFolder, options.Classes, preset, options.Seed, new PixelCache(place.CacheBytes, place.OutputFolder),
            null, cancellation, LungFinder.For(preset));
        data.LeftOut.Select(l => $"Left out: {l}").Concat(data.Remarks).ToList().ForEach(note);
        return data;
    }

    TrainingState CreateState(DataSet data, Action<string> note)
    {
        var network = Create();
        InitialWeights.Load(network, options, note);
        var atOnce = BatchSize < options.BatchSize && options.ImagesAtOnce is { } most ? Math.Max(4, most / 2) : options.ImagesAtOnce;
        return TrainingState.Create(options with { BatchSize = BatchSize, ImagesAtOnce = atOnce }, data, network);
    }

    void Resume(TrainingState state, IEnumerable<string> files, string manifestHash, Action<string> note)
    {
        foreach (var file in files.ToList())
        {
            if (TrainingCheckpoint.TryLoad(file, state, manifestHash, options))
            {
                note($"Going on from epoch {state.Epoch + 1}, step {state.StepInEpoch + 1}.");
                return;
            }

            note($"The checkpoint {Path.GetFileName(file)} is damaged; the one before it is used.");
        }

        note("There is no checkpoint yet: the run starts from its beginning.");
    }

    // Midway to the next score below: on the score itself the last bit of another kernel would decide.
    internal static double Threshold(RocCurve roc, double? targetSensitivity)
    {
        var chosen = targetSensitivity is { } target
            ? roc.Points.FirstOrDefault(p => p.TruePositiveRate >= target)
            : roc.YoudenPoint();
        // No score is above all of them.
        return chosen is null || double.IsInfinity(chosen.Threshold)
            ? 0.5
            : (chosen.Threshold + (roc.Points.FirstOrDefault(p => p.Threshold < chosen.Threshold)?.Threshold ?? 0)) / 2;
    }

    (ModelHeader Header, IReadOnlyDictionary<string, StoredTensor> Weights) Describe(
        TrainingState state, DataSet data, DataManifest manifest, IReadOnlyList<string> remarks, DateTimeOffset started,
        Action<string> note, CancellationToken cancellation)
    {
        using var network = Create();
        var preset = options.Preset;
        var positive = options.Classes.ToList().IndexOf(options.PositiveClass);
        var weights = WeightsFile.Read(Best);
        var validation = Predict(network, weights, state.Data, cancellation);
        double? temperature = null;
        if (options.ScalesTemperature)
        {
            var fitted = Temperature.Fit(
                validation.ConvertAll(p => Array.ConvertAll(p.Probabilities, v => Math.Log(Math.Max(v, float.Epsilon)))),
                validation.ConvertAll(p => p.Sample.Class));
            if (fitted is > Coldest and < Hottest)
            {
                temperature = fitted;
                weights = Cooled(weights, fitted);
                validation = Predict(network, weights, state.Data, cancellation);
            }
            else
            {
                note("No temperature is taken: the validation films are too few, or too clearly told apart, to say one.");
            }
        }

        double[] scores = [.. validation.Select(p => (double)p.Probabilities[positive])];
        bool[] truth = [.. validation.Select(p => p.Sample.Class == positive)];
        var threshold = Threshold(RocCurve.Of(scores, truth), options.TargetSensitivity);
        var summary = new TrainingSummary(
            options.Data.Name, manifest.Hash(), data.Counts(), options.Data.GroupBy == GroupBy.Patient ? "patient" : "image", options.Seed,
            state.History.Count, state.KeptEpoch!.Value, options.ToJson(), started, time.GetUtcNow(),
            $"{ComputeDevice.Name}, {get_num_threads()} threads, {options.Precision}",
            [.. remarks, .. BatchSize < options.BatchSize ? [$"Memory ran out during the training. {Halved}"] : Array.Empty<string>()]);
        var versions = new Dictionary<string, string>
        {
            ["TorchSharp"] = typeof(TorchSharp.torch).Assembly.GetName().Version!.ToString(3),
            [".NET"] = Environment.Version.ToString()
        };
        var header = new ModelHeader(
            options.Name, options.Architecture, options.Classes, positive, Math.Clamp(threshold, 0, 1), preset, summary, Metrics: [],
            CardTexts.For(options), versions)
        {
            Distributions = TrainedDistributions.Of(scores, [.. data.Of(DataPart.Train).Select(s => s.Image)]),
            TrainedImages = TrainedImages.Of(data.Of(DataPart.Train), options.InitialModel),
            Temperature = temperature,
            ThresholdInterval = options.TargetSensitivity is { } target && truth.Contains(true)
                ? Interval(Clusters.Of([.. validation.Select(p => p.Sample.Group)]), scores, truth, target)
                : null,
        };
        return (header, weights);
    }

    // As the model file will hold the weights: what is chosen is chosen for what will answer.
    List<Prediction> Predict(
        Backbone network, IReadOnlyDictionary<string, StoredTensor> weights, DataSet data, CancellationToken cancellation)
    {
        StateDict.Load(network, ModelFile.InHalfPrecision(weights));
        network.MoveTo(ComputeDevice.Best);
        return
        [
            .. Predictor.Run(
                network, data.Of(DataPart.Validation), options.Preset, Precision.Float32,
                Math.Min(BatchSize, options.ImagesAtOnce ?? BatchSize), cancellation),
        ];
    }

    static MeasuredFigure Interval(Clusters patients, double[] scores, bool[] truth, double target)
    {
        var chosen = new SensitivityThreshold(patients, scores, truth, target);
        var estimate = ClusteredBootstrap.Intervals([chosen], new())[chosen.Figure];
        return new("validation", "threshold", estimate.Value!.Value, estimate.Lower, estimate.Upper, estimate.Count, estimate.Method);
    }

    // The last layer is linear: divided by the temperature, it makes logits that are.
    Dictionary<string, StoredTensor> Cooled(IReadOnlyDictionary<string, StoredTensor> weights, double temperature)
    {
        var head = NetworkCatalog.Find(options.Architecture).Family.Head + ".";
        return weights.ToDictionary(
            w => w.Key,
            w => w.Key.StartsWith(head, StringComparison.Ordinal)
                ? StoredTensor.FromFloats(Array.ConvertAll(w.Value.ToFloats(), v => (float)(v / temperature)), w.Value.Shape)
                : w.Value);
    }
}

using CovidCxr.Engine.Lungs;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Training;

namespace CovidCxr.Laboratory.Evaluation;

/// <summary>The images that a model is measured on, and what is known of them and its training.</summary>
sealed record EvaluationSubject(
    DataSet Data, string PartName, IReadOnlyList<Sample> Samples, IReadOnlySet<string> Seen, IReadOnlySet<string> TrainedSources,
    IReadOnlyList<string> Statements)
{
    /// <summary>Ancestors whose training images are not known, in words.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];

    /// <summary>
    /// The data of the model's own configuration, divided as for its training. Where the division comes out another, as when duplicates are
    /// found otherwise, it is what the model does not say it was trained on.
    /// </summary>
    /// <exception cref="TrainingException">The model does not say what it was trained on, or has no image in the part.</exception>
    public static EvaluationSubject OfTraining(
        ModelFile model, string modelPath, string folder, EvaluatedPart? part, CancellationToken cancellation)
    {
        var training = model.Header.Training
            ?? throw new TrainingException("The model does not say what it was trained on; name the data to evaluate with --config.");
        var options = TrainingConfiguration.FromJson(training.Configuration);
        var data = DataSet.Load(
            options.Data, folder, model.Header.Classes, model.Header.Preset, options.Seed, null, cancellation,
            LungFinder.For(model.Header.Preset));
        var chosen = part ?? (data.Of(DataPart.Test).Count > 0 ? EvaluatedPart.Test : EvaluatedPart.Validation);
        var isSame = DataManifest.Of(data).Hash() == training.ManifestHash;
        // What the model itself, or one that it started from, has seen may stand in its test part: a division knows nothing of ancestors.
        var trained = model.Header.TrainedImages ?? (isSame
            ? TrainedImages.Of(data.Of(DataPart.Train), options.InitialModel)
            : TrainedImages.OfModel(modelPath) with { Unknown = [] });
        var isLost = !isSame && trained.Images.Count > 0 && !IsKept(data, chosen);
        var samples = isLost ? Untrained(data.Samples, trained) : chosen switch
        {
            EvaluatedPart.All => data.Samples,
            EvaluatedPart.Test => data.Of(DataPart.Test),
            _ => data.Of(DataPart.Validation),
        };
        if (samples.Count == 0)
        {
            throw new TrainingException(
                isLost ? "The model was trained on every image of its data: evaluate another data set (--config)."
                    : "The division leaves no test part; evaluate the validation part (--part validation) or another data set (--config).");
        }

        var known = SeenImages.WithPatients(data.Samples, trained);
        var seen = samples.Where(s => known.Contains(s.Image.File.Path) || (s.Part == DataPart.Train && !isLost))
            .Select(s => s.Image.File.Path).ToHashSet(StringComparer.Ordinal);
        var another = "WARNING: the images or their division are not those of the training (another manifest)" + (isLost
            ? ": every image is evaluated that the model does not say it was trained on."
            : trained.Images.Count == 0 ? ": images that the model was trained on may be among those evaluated." : ".");
        IReadOnlyList<string> statements =
        [
            .. isSame ? Array.Empty<string>() : [another], SeenWords(seen.Count, samples.Count), .. trained.Unknown.Select(Warning),
            .. Division(options, isLost), .. training.Remarks ?? [], .. isLost ? [Chosen] : About(chosen), .. About(data),
        ];
        IEnumerable<string> sources = isLost ? [] : data.Of(DataPart.Train).Select(s => s.Image.File.Source);
        return new(
            data, isLost ? NotTrainedOn : Name(chosen), samples, seen,
            sources.Concat(trained.Sources).ToHashSet(StringComparer.Ordinal), statements)
        {
            Unknown = [.. trained.Unknown, .. isSame ? Array.Empty<string>() : [another]],
        };
    }

    const string NotTrainedOn = "images not trained on (those that chose epoch and threshold among them)";
    const string Chosen =
        "The validation images of the training, which chose the epoch and the threshold, are among them: the figures flatter.";

    // Parts that a data set version has, and places that were held out, stay what they were however the duplicates are found.
    static bool IsKept(DataSet data, EvaluatedPart part) =>
        data.Samples.Any(s => s.Image.File.Part is not null) || (part == EvaluatedPart.Test && data.Options.HeldOut is { Count: > 0 });

    static IReadOnlyList<Sample> Untrained(IReadOnlyList<Sample> samples, TrainedImages trained)
    {
        var pixels = trained.Images.Select(i => i.PixelHash).ToHashSet(StringComparer.Ordinal);
        return [.. samples.Where(s => !pixels.Contains(TrainedImages.Digits(s.Image.PixelHash)))];
    }

    static string SeenWords(int seen, int all) =>
        $"{seen} of {all} images stand among the training images of the model, or of one that it started from, as equal pixels or near "
            + "duplicates, or are another film of a patient who does.";

    static string Warning(string unknown) =>
        $"WARNING: {unknown} Whether it has seen images that are evaluated here cannot be checked.";

    /// <summary>Another data set, all of it as test.</summary>
    /// <exception cref="TrainingException">Only a part of it was asked for.</exception>
    public static EvaluationSubject OfOther(
        ModelFile model, string modelPath, TrainingConfiguration other, string folder, EvaluatedPart? part, CancellationToken cancellation)
    {
        if (part == EvaluatedPart.Validation)
        {
            throw new TrainingException("With --config all images are the test part; there is no validation part.");
        }

        var strange = other.Classes.Except(model.Header.Classes).ToList();
        if (strange.Count > 0)
        {
            throw new TrainingException(
                $"The configuration has the class '{strange[0]}'; the model knows {string.Join(", ", model.Header.Classes)}.");
        }

        var data = DataSet.LoadForTest(
            other.Data, folder, model.Header.Classes, model.Header.Preset, PixelCache.Default(), null, cancellation,
            LungFinder.For(model.Header.Preset));
        // Copies of a film that somebody drew for training are no films to test on.
        var samples = data.Samples.Where(s => !s.Image.File.IsAugmented).ToList();
        var trained = Trained(model, modelPath, folder, cancellation);
        var seen = SeenImages.WithPatients(data.Samples, trained);
        seen = samples.Select(s => s.Image.File.Path).Where(seen.Contains).ToHashSet(StringComparer.Ordinal);
        return new(
            data, "test (all images of another data set)", samples, seen, trained.Sources.ToHashSet(StringComparer.Ordinal),
            [
                .. trained.Images.Count > 0 ? [SeenWords(seen.Count, samples.Count)] : Array.Empty<string>(),
                .. trained.Unknown.Select(Warning), .. About(data),
            ])
        {
            Unknown = trained.Unknown,
        };
    }

    // A file of before the images were kept in it: its training images tell near duplicates, its manifest equal pixels.
    static TrainedImages Trained(ModelFile model, string modelPath, string folder, CancellationToken cancellation)
    {
        if (model.Header is not { TrainedImages: null, Training: { } training })
        {
            return model.Header.TrainedImages
                ?? new([], [], ["The model does not say what it was trained on."]);
        }

        if (TryLoadTraining(model, training, folder, cancellation) is { } data)
        {
            return TrainedImages.Of(data.Of(DataPart.Train), TrainingConfiguration.FromJson(training.Configuration).InitialModel);
        }

        var known = TrainedImages.OfModel(modelPath);
        var sources = TrainingConfiguration.FromJson(training.Configuration).Data.Sources.Select(s => s.Path);
        return known with
        {
            Sources = [.. sources],
            Unknown =
            [
                known.Images.Count == 0
                    ? "Neither the model's training images nor its manifest.json are here."
                    : "The model's manifest.json tells equal pixels only.",
            ],
        };
    }

    static DataSet? TryLoadTraining(ModelFile model, TrainingSummary training, string folder, CancellationToken cancellation)
    {
        try
        {
            var options = TrainingConfiguration.FromJson(training.Configuration);
            var data = DataSet.Load(
            options.Data, folder, model.Header.Classes, model.Header.Preset, options.Seed, null, cancellation,
            LungFinder.For(model.Header.Preset));
            return DataManifest.Of(data).Hash() == training.ManifestHash ? data : null;
        }
        catch (DataSetException)
        {
            // The training data lie elsewhere.
            return null;
        }
    }

    // Of a lost one only that it was a bad one counts.
    static IEnumerable<string> Division(TrainingConfiguration options, bool isLost)
    {
        if (options.Data.GroupBy != GroupBy.Patient)
        {
            yield return $"WARNING: divided by image, seed {options.Seed}: images of one patient may stand on both sides, and the figures "
                + "are too good.";
        }
        else if (!isLost)
        {
            yield return $"Divided by patient, seed {options.Seed}: all images of a patient, and duplicates of them, stand on one side.";
        }
    }

    static IEnumerable<string> About(EvaluatedPart part) => part switch
    {
        EvaluatedPart.Validation => ["The validation part also chose the epoch and the threshold: its figures flatter."],
        EvaluatedPart.All =>
            ["All parts together; the validation part among them chose the epoch and the threshold: its figures flatter."],
        _ => [],
    };

    static IEnumerable<string> About(DataSet data) => data.LeftOut.Select(l => $"Left out: {l}").Concat(data.Remarks);

    static string Name(EvaluatedPart part) => part switch
    {
        EvaluatedPart.Test => "test",
        EvaluatedPart.Validation => "validation (also used to choose epoch and threshold)",
        _ => "all parts together",
    };
}

using System.Text.Json;
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
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>The data of the model's own configuration, divided as for its training.</summary>
    /// <exception cref="TrainingException">The model does not say what it was trained on, or has no image in the part.</exception>
    public static EvaluationSubject OfTraining(
        ModelFile model, string modelPath, string folder, EvaluatedPart? part, CancellationToken cancellation)
    {
        var training = model.Header.Training
            ?? throw new TrainingException("The model does not say what it was trained on; name the data to evaluate with --config.");
        var options = TrainingConfiguration.FromJson(training.Configuration);
        var data = DataSet.Load(options.Data, folder, model.Header.Classes, model.Header.Preset, options.Seed, null, cancellation);
        var chosen = part ?? (data.Of(DataPart.Test).Count > 0 ? EvaluatedPart.Test : EvaluatedPart.Validation);
        var samples = chosen switch
        {
            EvaluatedPart.All => data.Samples,
            EvaluatedPart.Test => data.Of(DataPart.Test),
            _ => data.Of(DataPart.Validation),
        };
        if (samples.Count == 0)
        {
            throw new TrainingException(
                "The division leaves no test part; evaluate the validation part (--part validation) or another data set (--config).");
        }

        IReadOnlySet<string> seen = chosen == EvaluatedPart.All
            ? data.Of(DataPart.Train).Select(s => s.Image.File.Path).ToHashSet(StringComparer.Ordinal)
            : new HashSet<string>();
        List<string> statements = [Division(options), .. training.Remarks ?? [], .. About(chosen), .. About(data)];
        if (DataManifest.Of(data).Hash() != training.ManifestHash)
        {
            var manifest = TryReadManifest(modelPath, training);
            seen = manifest is null ? seen : SeenImages.Among(samples, manifest);
            statements.Insert(0, "WARNING: the images or their division are not those of the training (another manifest): "
                + (
                    manifest is null
                        ? "images that the model was trained on may be among those evaluated."
                        : $"{seen.Count} of {samples.Count} evaluated images stand in the model's training set with equal pixels."));
        }

        return new(data, Name(chosen), samples, seen, Sources(options), statements);
    }

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
            other.Data, folder, model.Header.Classes, model.Header.Preset, PixelCache.Default(), null, cancellation);
        var (seen, statement) = FindSeen(model, modelPath, data, folder, cancellation);
        var sources = model.Header.Training is { } training
            ? Sources(TrainingConfiguration.FromJson(training.Configuration))
            : new HashSet<string>();
        return new(data, "test (all images of another data set)", data.Samples, seen, sources, [statement, .. About(data)]);
    }

    // The model's training images themselves tell near duplicates too; its manifest tells equal pixels; without both nothing can be said.
    static (IReadOnlySet<string> Seen, string Statement) FindSeen(
        ModelFile model, string modelPath, DataSet data, string folder, CancellationToken cancellation)
    {
        if (model.Header.Training is not { } training)
        {
            return (
                new HashSet<string>(),
                "The model does not say what it was trained on: whether it has seen these images cannot be checked.");
        }

        if (TryLoadTraining(model, training, folder, cancellation) is { } trained)
        {
            var found = SeenImages.Among(data.Samples, trained.Of(DataPart.Train));
            return (
                found,
                $"{found.Count} of {data.Samples.Count} images stand in the model's training set, as equal pixels or near duplicates.");
        }

        if (TryReadManifest(modelPath, training) is { } manifest)
        {
            var found = SeenImages.Among(data.Samples, manifest);
            return (
                found,
                $"{found.Count} of {data.Samples.Count} images stand in the model's training set with equal pixels; its images are not "
                    + $"in the data folder, so that near duplicates could not be looked for.");
        }

        return (
            new HashSet<string>(),
            "WARNING: neither the model's training images nor its manifest.json are here: whether it has seen these images cannot be "
                + "checked.");
    }

    static DataSet? TryLoadTraining(ModelFile model, TrainingSummary training, string folder, CancellationToken cancellation)
    {
        try
        {
            var options = TrainingConfiguration.FromJson(training.Configuration);
            var data = DataSet.Load(options.Data, folder, model.Header.Classes, model.Header.Preset, options.Seed, null, cancellation);
            return DataManifest.Of(data).Hash() == training.ManifestHash ? data : null;
        }
        catch (DataSetException)
        {
            // The training data lie elsewhere.
            return null;
        }
    }

    static DataManifest? TryReadManifest(string modelPath, TrainingSummary training)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(modelPath))!, "manifest.json");
        try
        {
            var manifest = File.Exists(path) ? JsonSerializer.Deserialize<DataManifest>(File.ReadAllText(path), Json) : null;
            return manifest?.Hash() == training.ManifestHash ? manifest : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static string Division(TrainingConfiguration options) => options.Data.GroupBy == GroupBy.Patient
        ? $"Divided by patient, seed {options.Seed}: all images of a patient, and duplicates of them, stand on one side."
        : $"WARNING: divided by image, seed {options.Seed}: images of one patient may stand on both sides, and the figures are too good.";

    static IEnumerable<string> About(EvaluatedPart part) => part switch
    {
        EvaluatedPart.Validation => ["The validation part also chose the epoch and the threshold: its figures flatter."],
        EvaluatedPart.All =>
            ["All parts together; the validation part among them chose the epoch and the threshold: its figures flatter."],
        _ => [],
    };

    static IEnumerable<string> About(DataSet data) => data.LeftOut.Select(l => $"Left out: {l}").Concat(data.Remarks);

    static HashSet<string> Sources(TrainingConfiguration options) =>
        options.Data.Sources.Select(s => s.Path).ToHashSet(StringComparer.Ordinal);

    static string Name(EvaluatedPart part) => part switch
    {
        EvaluatedPart.Test => "test",
        EvaluatedPart.Validation => "validation (also used to choose epoch and threshold)",
        _ => "all parts together",
    };
}

using System.Text.Json;
using System.Text.Json.Serialization;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Networks;
using CovidCxr.Learning.Optimization;

namespace CovidCxr.Learning.Training;

public enum OptimizerKind
{
    /// <summary>The paper's experiments.</summary>
    Adam,

    /// <summary>Velocity, eq. (7)-(8).</summary>
    Sgd,
}

public enum UnfreezingMode
{
    All,

    /// <summary>Feature extractor: everything below the head is frozen.</summary>
    HeadOnly,

    /// <summary>The head first, then one more stage every few epochs.</summary>
    Gradual,
}

/// <summary>
/// What is trained and how: the file that `train --config` reads, what the web's form edits, what a run's row keeps and what the trainer
/// takes. Defaults are the method's.
/// </summary>
public sealed record TrainingConfiguration
{
    /// <summary>Rises when a value is renamed or means something else; <see cref="Read"/> then brings older ones up to date.</summary>
    public const int CurrentVersion = 1;

    // The parts of a batch are alike in size: with fewer, one could be of a single image, which a batch norm cannot normalise.
    const int FewestAtOnce = 4;

    const int MostRangeTestSteps = 100_000;

    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        WriteIndented = true,
        RespectNullableAnnotations = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Of this JSON's shape. Files and rows of before there was a number have the shape of version 1.</summary>
    public int Version { get; init; } = CurrentVersion;

    public required string Name { get; init; }

    /// <summary>A name of the catalogue.</summary>
    public required string Architecture { get; init; }

    /// <summary>In the order of the logits; 2 to 100.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>One of Classes: the disease that threshold, sensitivity and specificity are about.</summary>
    public required string PositiveClass { get; init; }

    public required DataSetOptions Data { get; init; }

    /// <summary>A model file to start from; null for a random start.</summary>
    public string? InitialModel { get; init; }

    /// <summary>Pixels of each side, 32 to 1024.</summary>
    public int ImageSize { get; init; } = 224;

    /// <summary>Shows the network a square around the lungs in the grey values of the lungs; null for the whole image.</summary>
    public LungCrop? Lungs { get; init; }

    /// <summary>2 to 512.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>1 to 1000.</summary>
    public int Epochs { get; init; } = 20;

    public long Seed { get; init; } = 1;

    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Adam;

    public ScheduleOptions Schedule { get; init; } = new();

    /// <summary>lambda, 0 to 1.</summary>
    public double WeightDecay { get; init; } = 0.01;

    public WeightDecayKind WeightDecayKind { get; init; } = WeightDecayKind.L2;

    public bool DecaysNormsAndBiases { get; init; }

    public UnfreezingMode Mode { get; init; } = UnfreezingMode.All;

    /// <summary>Stages from the input on that keep their initial weights, whatever the mode; at least 0.</summary>
    public int FrozenStages { get; init; }

    /// <summary>With gradual unfreezing, epochs until the next stage joins; at least 1.</summary>
    public int EpochsPerStage { get; init; } = 2;

    public Precision Precision { get; init; } = Precision.Float32;

    public Balance Balance { get; init; } = Balance.None;

    /// <summary>0 (off) to below 1.</summary>
    public double LabelSmoothing { get; init; }

    public AugmentationOptions Augmentation { get; init; } = AugmentationOptions.None;

    /// <summary>Epochs without a better validation loss after which the run ends; null for never.</summary>
    public int? Patience { get; init; }

    /// <summary>The figure of the validation by which the best epoch is chosen.</summary>
    public BestEpoch BestEpoch { get; init; } = BestEpoch.LowestLoss;

    /// <summary>
    /// What is validated and kept is a running mean of the weights, which keeps this share of itself at each step; 0 (the weights
    /// themselves) to below 1.
    /// </summary>
    public double AverageDecay { get; init; }

    /// <summary>The longest that the gradient of all weights together may be; null for any length.</summary>
    public double? MaxGradientNorm { get; init; }

    /// <summary>What the model's card shall say before anything else, such as what was measured of models made the same way.</summary>
    public IReadOnlyList<string> Statements { get; init; } = [];

    /// <summary>
    /// The threshold is the highest at which the validation reaches this sensitivity, above 0 to 1; null for that of the largest Youden
    /// index.
    /// </summary>
    public double? TargetSensitivity { get; init; }

    /// <summary>
    /// How many images of a batch pass the network at once, 4 or more; the gradients of a batch's parts are added, so that a large batch
    /// trains in the memory of a small one. Null for the whole batch.
    /// </summary>
    public int? ImagesAtOnce { get; init; }

    /// <summary>
    /// Divides the logits by a temperature that is fitted on the validation part (Guo et al. 2017, arXiv:1706.04599, eq. 9), so that a
    /// score is nearer to a chance. The last layer of the model file holds it.
    /// </summary>
    public bool ScalesTemperature { get; init; }

    /// <summary>
    /// Of a range test of this configuration, whatever the number of images: a small training part is gone through several times.
    /// <see cref="RangeTestCurve.FewestSteps"/> to 100,000.
    /// </summary>
    public int RangeTestSteps { get; init; } = RangeTestCurve.DefaultSteps;

    /// <summary>How pixels become input.</summary>
    [JsonIgnore]
    public PreprocessingPreset Preset => PreprocessingPreset.Square(ImageSize) with { Lungs = Lungs };

    /// <summary>
    /// No run may have this rate or a higher one. Adam moves every weight by about the rate at each step, and weights are mostly below 1
    /// themselves. What SGD's steps do depends on the gradient, so that the limit is where the range test ends: no curve says anything of
    /// what is above.
    /// </summary>
    public static double RateLimit(OptimizerKind optimizer) => optimizer == OptimizerKind.Adam ? 1 : RangeTestCurve.LastRate;

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <exception cref="TrainingException">The text is not such a configuration, or a value is out of range; the message names
    /// it.</exception>
    public static TrainingConfiguration FromJson(string json)
    {
        var configuration = Read(json);
        configuration.Validate();
        return configuration;
    }

    /// <summary>
    /// A stored configuration as it would be written today, whatever its values: to be shown, or compared with another. What cannot be
    /// read stays as it is.
    /// </summary>
    public static string Upgraded(string stored)
    {
        try
        {
            return Read(stored).ToJson();
        }
        catch (TrainingException)
        {
            return stored;
        }
    }

    /// <summary>By which figure a run of a stored configuration, whatever its values, chose its epoch; the default where it cannot be
    /// read.</summary>
    public static BestEpoch BestEpochOf(string stored)
    {
        try
        {
            return Read(stored).BestEpoch;
        }
        catch (TrainingException)
        {
            return default;
        }
    }

    /// <summary>One of the smaller configurations beside this one, read by the same rules; its values are not checked.</summary>
    /// <exception cref="TrainingException">The text is not such a configuration.</exception>
    internal static T Parse<T>(string json)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Json) ?? throw new TrainingException("The configuration is empty.");
        }
        catch (JsonException e)
        {
            throw new TrainingException("The configuration cannot be read: " + e.Message, e);
        }
    }

    /// <summary>The one place that knows older versions.</summary>
    /// <exception cref="TrainingException">The text is no configuration of a version that this program knows.</exception>
    static TrainingConfiguration Read(string json)
    {
        try
        {
            var version = VersionOf(json);
            return version is >= 1 and <= CurrentVersion
                ? JsonSerializer.Deserialize<TrainingConfiguration>(json, Json)! with { Version = CurrentVersion }
                : throw new TrainingException(
                    $"The configuration has version {version}; this program reads versions 1 to {CurrentVersion}.");
        }
        catch (JsonException e)
        {
            throw new TrainingException("The configuration cannot be read: " + e.Message, e);
        }
    }

    // Asked first: the names in a newer version's text are unknown here, and it is not they that are wrong.
    static int VersionOf(string json)
    {
        using var document = JsonDocument.Parse(json, new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new TrainingException("The configuration is empty.");
        }

        return !document.RootElement.TryGetProperty("version", out var version) ? 1
            : version.ValueKind == JsonValueKind.Number && version.TryGetInt32(out var number) ? number
            : throw new TrainingException("The configuration cannot be read: version must be a whole number.");
    }

    /// <exception cref="TrainingException">A value is out of range; the message names it.</exception>
    public void Validate()
    {
        Check(NetworkCatalog.Names.Contains(Architecture), $"architecture must be one of {string.Join(", ", NetworkCatalog.Names)}");
        Check(Classes.Count is >= 2 and <= 100 && Classes.Distinct().Count() == Classes.Count, "classes must be 2 to 100 different names");
        Check(Classes.Contains(PositiveClass), "positiveClass must be one of classes");
        Check(Data.Sources.Count > 0, "data.sources needs at least one source");
        Check(ImageSize is >= 32 and <= 1024, "imageSize must be 32 to 1024");
        Check(BatchSize is >= 2 and <= 512, "batchSize must be 2 to 512");
        Check(Epochs is >= 1 and <= 1000, "epochs must be 1 to 1000");
        Check(WeightDecay is >= 0 and <= 1, "weightDecay must be 0 to 1");
        Check(EpochsPerStage >= 1, "epochsPerStage must be at least 1");
        Check(LabelSmoothing is >= 0 and < 1, "labelSmoothing must be 0 to below 1");
        Check(Schedule.MaxRate < RateLimit(Optimizer), $"schedule.maxRate must be below {RateLimit(Optimizer)} with {Optimizer switch
        {
            OptimizerKind.Adam => "adam, which moves every weight by about the rate at each step",
            _ => "sgd, whose range test goes no further",
        }}");
        Check(FrozenStages is >= 0 and <= 5, "frozenStages must be 0 to 5");
        Check(AverageDecay is >= 0 and < 1, "averageDecay must be 0 to below 1");
        Check(Statements.Count <= 20 && Statements.All(s => s?.Length is > 0 and <= 1000), "statements must be up to 20 sentences");
        Check(TargetSensitivity is null or (> 0 and <= 1), "targetSensitivity must be above 0, at most 1");
        Check(ImagesAtOnce is null or >= FewestAtOnce, $"imagesAtOnce must be at least {FewestAtOnce}");
        Check(MaxGradientNorm is null or > 0, "maxGradientNorm must be above 0");
        Check(Patience is null or >= 1, "patience must be at least 1");
        Check(
            RangeTestSteps >= RangeTestCurve.FewestSteps && RangeTestSteps <= MostRangeTestSteps,
            $"rangeTestSteps must be {RangeTestCurve.FewestSteps} to {MostRangeTestSteps}");
        try
        {
            Schedule.Validate();
            Augmentation.Validate();
            Preset.Validate();
        }
        catch (ArgumentException e)
        {
            throw new TrainingException("Configuration: " + e.Message, e);
        }
    }

    static void Check(bool isRight, string rule)
    {
        if (!isRight)
        {
            throw new TrainingException($"Configuration: {rule}.");
        }
    }
}

/// <summary>A run that cannot start or go on. The message is for a person.</summary>
public sealed class TrainingException : Exception
{
    public TrainingException(string message)
        : base(message)
    {
    }

    public TrainingException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Severity;

namespace CovidCxr.Learning.Checkpoints;

/// <summary>What a model file says of itself: all that is needed to run it, to judge it and to train it again.</summary>
/// <param name="Name">For people, such as "CovidCxr starter".</param>
/// <param name="Architecture">A name of the catalogue.</param>
/// <param name="Classes">In the order of the logits.</param>
/// <param name="PositiveClass">Index of the class that the threshold is about.</param>
/// <param name="Threshold">0..1: at or above it the positive class is predicted.</param>
/// <param name="Preset">How pixels become input.</param>
/// <param name="Training">Null for weights that were not trained here.</param>
/// <param name="Metrics">Measured, each with its interval; empty where nothing was measured.</param>
public sealed record ModelHeader(
    string Name, string Architecture, IReadOnlyList<string> Classes, int PositiveClass, double Threshold, PreprocessingPreset Preset,
    TrainingSummary? Training, IReadOnlyList<MeasuredFigure> Metrics, ModelCard Card, IReadOnlyDictionary<string, string> Versions)
{
    /// <summary>Rises when a reader of an older version would misread the file.</summary>
    public const int FormatVersion = 1;

    const int MaxNameLength = 500;

    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public int Format { get; init; } = FormatVersion;

    /// <summary>Null for a model that was not trained here, or before they were kept.</summary>
    public TrainedDistributions? Distributions { get; init; }

    /// <summary>
    /// That of the threshold, by resampling the patients whose films chose it; null where it was not chosen for a sensitivity.
    /// </summary>
    public MeasuredFigure? ThresholdInterval { get; init; }

    /// <summary>
    /// What the logits were divided by after the training, above 0: the last layer holds it already. Null where they were not.
    /// </summary>
    public double? Temperature { get; init; }

    /// <summary>Reads severity off the network's features; null where the model does not say how severe a film is.</summary>
    public SeverityHead? Severity { get; init; }

    /// <summary>
    /// Null for a model that was not trained here, or before they were kept. It stands beside the header's JSON in a model file, because it
    /// grows with the data.
    /// </summary>
    [JsonIgnore]
    public TrainedImages? TrainedImages { get; init; }

    /// <summary>The class that is shown: the positive one at or above the threshold, else the likeliest other.</summary>
    /// <param name="probabilities">One per class.</param>
    public int Decide(IReadOnlyList<float> probabilities) => Decide(probabilities, Threshold);

    /// <summary>The same at another threshold, as a site may have chosen it.</summary>
    /// <param name="probabilities">One per class.</param>
    /// <param name="threshold">0..1.</param>
    public int Decide(IReadOnlyList<float> probabilities, double threshold) =>
        probabilities[PositiveClass] >= threshold
            ? PositiveClass
            : Enumerable.Range(0, probabilities.Count).Where(c => c != PositiveClass).MaxBy(c => probabilities[c]);

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <exception cref="ModelFileException">Not a header of this format, or its values contradict each other.</exception>
    public static ModelHeader FromJson(string json)
    {
        ModelHeader header;
        try
        {
            header = JsonSerializer.Deserialize<ModelHeader>(json, Json) ?? throw new ModelFileException("The model's header is empty.");
            header.Preset.Validate();
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new ModelFileException("The model's header is not readable: " + e.Message, e);
        }

        header.Check();
        return header;
    }

    void Check()
    {
        if (Format != FormatVersion)
        {
            throw new ModelFileException($"The model file has format {Format}; this program reads format {FormatVersion}.");
        }

        if (Name.Length is 0 or > MaxNameLength || Classes.Any(string.IsNullOrWhiteSpace) || Metrics.Any(m => m is null)
            || Training?.Counts.Any(c => c is null) == true || Card.Checks?.Any(c => c is null) == true)
        {
            throw new ModelFileException("The model's header has an empty entry, or an endless name.");
        }

        if (Classes.Count is < 2 or > 100 || Classes.Distinct(StringComparer.Ordinal).Count() != Classes.Count)
        {
            throw new ModelFileException("A model needs 2 to 100 classes of different names.");
        }

        if (PositiveClass < 0 || PositiveClass >= Classes.Count || !(Threshold is >= 0 and <= 1))
        {
            throw new ModelFileException("The positive class or the threshold is out of range.");
        }

        if (Temperature is { } temperature && !(temperature > 0 && double.IsFinite(temperature)))
        {
            throw new ModelFileException("The temperature is out of range.");
        }

        if (Severity?.IsSound == false)
        {
            throw new ModelFileException("The model's severity is out of range.");
        }

        if (Distributions?.IsSound == false)
        {
            throw new ModelFileException("The distributions of the training are out of range.");
        }
    }
}

/// <param name="DataSet">Its name.</param>
/// <param name="ManifestHash">SHA-256 of the manifest: which files, which split.</param>
/// <param name="Counts">Images and patients of every class in every part.</param>
/// <param name="GroupedBy">patient, or image where asked for.</param>
/// <param name="Configuration">The run's whole configuration, as JSON.</param>
/// <param name="Machine">Processor, threads and precision.</param>
/// <param name="Remarks">What happened during the training that the configuration does not say; null in files of before there were
/// any.</param>
public sealed record TrainingSummary(
    string DataSet, string ManifestHash, IReadOnlyList<PartCount> Counts, string GroupedBy, long Seed, int Epochs, int BestEpoch,
    string Configuration, DateTimeOffset StartedAt, DateTimeOffset FinishedAt, string Machine, IReadOnlyList<string>? Remarks = null);

/// <summary>What a reader of a prediction has a right to know; each text is one or more sentences.</summary>
public sealed record ModelCard(string IntendedUse, IReadOnlyList<string> Limitations, IReadOnlyList<string> DataSources, string Licence)
{
    /// <summary>
    /// What its measuring found besides figures: on which part, films from elsewhere, lungs blacked out; null where nothing was measured.
    /// </summary>
    public IReadOnlyList<string>? Checks { get; init; }
}

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CovidCxr.Learning.Data;
using CovidCxr.Statistics.Calibration;

namespace CovidCxr.Learning.Evaluation;

/// <summary>What a model is worth on a set of images (Adedigba et al. 2021, section 5). Decision support, never a diagnosis.</summary>
/// <param name="Part">Which part of the data, in words.</param>
/// <param name="Statements">What a reader must know to judge the figures: the division, what differs from training, what was left
/// out.</param>
/// <param name="Overall">The images of the part that were not seen in training; every other figure here is of these, too.</param>
/// <param name="SeenInTraining">Paths of images that stand in the training set, also as near duplicates, or are another film of a patient
/// who does: left out of every figure.</param>
/// <param name="SourcesCheck">What the figures by source say about films from elsewhere, in words.</param>
/// <param name="LungsBlackedOut">Null where on no evaluated image lungs were drawn or found.</param>
/// <param name="MostConfused">Worst first.</param>
public sealed record EvaluationReport(
    EvaluatedModel Model, string DataSet, string Part, IReadOnlyList<PartCount> Counts, IReadOnlyList<string> Statements, FigureSet Overall,
    IReadOnlyList<string> SeenInTraining, ConfusionMatrix Confusion, RocReport Roc, ReliabilityDiagram Calibration,
    IReadOnlyList<SourceFigures> BySource, string SourcesCheck, BlackedOutLungs? LungsBlackedOut, IReadOnlyList<ConfusedImage> MostConfused,
    DateTimeOffset MeasuredAt)
{
    public const string Notice = "Decision support, never a diagnosis.";

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    };

    /// <summary>Stands in every export.</summary>
    public string Note { get; } = Notice;

    /// <summary>Every evaluated image, those seen in training among them; no part of the JSON.</summary>
    [JsonIgnore]
    public IReadOnlyList<ImageScore> Scores { get; init; } = [];

    /// <summary>Null in reports of before they were measured.</summary>
    public HonestyFigures? Honesty { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>What <see cref="ToJson"/> wrote, for whoever shows it.</summary>
    /// <exception cref="JsonException">The text is no such report.</exception>
    public static EvaluationReport FromJson(string json) => JsonSerializer.Deserialize<EvaluationReport>(json, Json)!;
}

/// <param name="Sha256">Of the model file.</param>
/// <param name="Threshold">At or above it the positive class is decided.</param>
public sealed record EvaluatedModel(
    string Name, string Architecture, string Sha256, IReadOnlyList<string> Classes, string PositiveClass, double Threshold);

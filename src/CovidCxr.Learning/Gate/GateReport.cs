using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Statistics;

namespace CovidCxr.Learning.Gate;

[JsonConverter(typeof(JsonStringEnumConverter<GateVerdict>))]
public enum GateVerdict
{
    Passed,
    Refused,

    /// <summary>Too little was measured to say either.</summary>
    NotKnown,
}

/// <summary>One question that the gate asks of a candidate.</summary>
/// <param name="Limit">What is asked for, as a sentence.</param>
/// <param name="Finding">What was found, as one or more sentences.</param>
/// <param name="Measured">The number that was judged; null where there is none.</param>
public sealed record GateCheck(string Name, GateVerdict Verdict, string Limit, string Finding, Estimate? Measured = null);

/// <summary>A sub-group with its own verdict.</summary>
public sealed record GateGroup(GroupFigures Figures, GateVerdict Verdict);

/// <summary>What the gate says of a model: the evidence that people sign. Decision support, never a diagnosis.</summary>
/// <param name="Model">The file that was measured, by its hash.</param>
/// <param name="Part">Which part of the data, in words.</param>
/// <param name="Limits">Those that were in force.</param>
/// <param name="Verdict">Of all checks together.</param>
/// <param name="Summary">The same as a sentence.</param>
public sealed record GateReport(
    EvaluatedModel Model, string DataSet, string Part, int Films, int Patients, GateLimits Limits, GateVerdict Verdict, string Summary,
    IReadOnlyList<GateCheck> Checks, IReadOnlyList<GateGroup> Groups, DateTimeOffset MeasuredAt)
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Stands in every export.</summary>
    public string Note { get; } = EvaluationReport.Notice;

    /// <summary>The model that it was compared with, by its file's hash; null where there was none.</summary>
    public string? RivalSha256 { get; init; }

    /// <summary>How it compares with that model; null where there was none, and in results of before it was kept.</summary>
    public RivalFigures? Rival { get; init; }

    /// <summary>Sources of evaluated films that the model was not trained on; null in results of before they were kept.</summary>
    public IReadOnlyList<string>? Unseen { get; init; }

    /// <summary>Whether it was passed by the limits of before: nobody has asked the version what later ones ask.</summary>
    [JsonIgnore]
    public bool HasPassedEarlierLimits => Verdict == GateVerdict.Passed && Limits.Edition < GateLimits.Current.Edition;

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <exception cref="JsonException">The text is no such report.</exception>
    public static GateReport FromJson(string json) =>
        JsonSerializer.Deserialize<GateReport>(json, Json) ?? throw new JsonException("The report is empty.");

    /// <summary>Null where it is damaged, or of another model.</summary>
    /// <param name="sha256">Of the model file that it has to be of.</param>
    public static GateReport? TryFromJson(string json, string sha256)
    {
        try
        {
            return FromJson(json) is var report && report.Model.Sha256 == sha256 && !report.Checks.Contains(null!)
                && !report.Groups.Contains(null!) ? report : null;
        }
        catch (JsonException)
        {
            // Somebody changed it: there is no such result.
            return null;
        }
    }
}

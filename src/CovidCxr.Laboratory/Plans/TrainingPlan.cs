using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CovidCxr.Learning.Gate;
using CovidCxr.Learning.Training;

namespace CovidCxr.Laboratory.Plans;

[JsonConverter(typeof(JsonStringEnumConverter<PlannedMetric>))]
public enum PlannedMetric
{
    /// <summary>Under the ROC curve.</summary>
    Area,

    /// <summary>At the threshold that the version ships with.</summary>
    Sensitivity,
}

/// <summary>
/// What a training is to change and how it is judged, said before it begins: the FDA's predetermined change control plan in small. It is
/// frozen as JSON with its hash when the run starts.
/// </summary>
/// <param name="Change">What will be different from the version at work.</param>
/// <param name="Metric">The figure that the change is about.</param>
/// <param name="Margin">So much below the active version's may area and sensitivity surely not be, above 0, at most the gate's.</param>
/// <param name="Data">The data set version's title.</param>
/// <param name="ManifestHash">Of that version's images and their division.</param>
/// <param name="HeldOut">Sources that are neither trained on nor chosen by, and that the gate must have measured it on.</param>
/// <param name="Configuration">The run's, as it will train.</param>
public sealed record TrainingPlan(
    string Change, PlannedMetric Metric, double Margin, string Why, string Data, Guid DataSetVersionId, string? ManifestHash,
    IReadOnlyList<string> HeldOut, string Configuration)
{
    const int MinWords = 10, MaxWords = 1000, MostHeldOut = 20;

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Null where there is none, and where somebody changed it so that it is none any more.</summary>
    public static TrainingPlan? TryRead(string? json)
    {
        try
        {
            return json is null ? null : JsonSerializer.Deserialize<TrainingPlan>(json, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <returns>Lower-case hexadecimal SHA-256.</returns>
    public static string HashOf(string json) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)));

    /// <summary>Why a run must not start by it; null where it may.</summary>
    /// <param name="trained">The sources of the images that the run trains on or chooses by.</param>
    internal string? Refusal(IReadOnlyCollection<string> trained) =>
        Change.Length is < MinWords or > MaxWords ? $"The plan must say what will change, in {MinWords} to {MaxWords} characters."
        : Why.Length is < MinWords or > MaxWords ? $"The plan must say why, in {MinWords} to {MaxWords} characters."
        : !(Margin > 0 && Margin <= GateLimits.Current.Margin)
            ? string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"The plan's margin must be above 0, at most the gate's {GateLimits.Current.Margin}.")
        : HeldOut.Count > MostHeldOut ? $"A plan names at most {MostHeldOut} sources that are held out."
        : HeldOut.FirstOrDefault(trained.Contains) is { } seen
            ? $"The plan holds '{seen}' out, and the run would train on it or choose by it. Divide the data set so that it is only "
                + "tested on, or leave it out and evaluate on it later."
        : null;

    /// <summary>The entries of two configurations that are not the same, by name.</summary>
    internal static IReadOnlyList<string> Differences(string planned, string trained)
    {
        using var one = JsonDocument.Parse(TrainingConfiguration.Upgraded(planned));
        using var other = JsonDocument.Parse(TrainingConfiguration.Upgraded(trained));
        var (first, second) = (Entries(one), Entries(other));
        return [
            .. first.Keys.Union(second.Keys).Where(k => first.GetValueOrDefault(k) != second.GetValueOrDefault(k))
                .Order(StringComparer.Ordinal)];
    }

    static Dictionary<string, string> Entries(JsonDocument document) => document.RootElement.ValueKind == JsonValueKind.Object
        ? document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetRawText(), StringComparer.Ordinal)
        : [];
}

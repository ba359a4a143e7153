using System.Globalization;
using System.Text;
using CovidCxr.Clinic.Studies;
using CovidCxr.Web.Shared;

namespace CovidCxr.Web.Features.Clinic.Readings;

/// <param name="Name">What the line says something of; null for a sentence.</param>
public sealed record ReportLine(string? Name, string Text);

public sealed record ReportSection(string Heading, IReadOnlyList<ReportLine> Lines);

/// <summary>What was read of a film, in words: for the sheet on paper, the text that goes into another program, and the PDF.</summary>
/// <param name="Warnings">What has to be known before anything else.</param>
public sealed record ReadingReport(string Title, IReadOnlyList<string> Warnings, IReadOnlyList<ReportSection> Sections)
{
    public const string Limits = "Decision support, not a diagnosis.";

    /// <param name="study">As the person who asks may see it.</param>
    /// <param name="by">Who asks.</param>
    public static ReadingReport Of(StudyDetail study, string by, DateTimeOffset now) => new(
        "Reading of a chest X-ray",
        study.IsWithdrawn ? [Limits, "This study was withdrawn and counts nowhere."] : [Limits],
        [
            new("Film",
            [
                new("Patient", $"{study.PatientNumber ?? "no number"}, {study.Sex.Letter()}, "
                    + (study.AgeYears is { } age ? $"{age} years" : "age not known")),
                new("X-ray", $"{study.AcquiredOn?.Iso() ?? "no date"}, view {study.View.Words()}, received {Utc(study.ReceivedAt)}"),
                .. study.Images.Count == 0 ? Array.Empty<ReportLine>() : [new("Further images", Words(study))],
                new("Study", study.Id.ToString()),
                new("Made", $"{Utc(now)}, by {by}"),
            ]),
            new("Read", study.Readings.Count == 0
                ? [new(null, $"No reading of this study is open to {by}.")]
                : [.. study.Readings.Select(r => new ReportLine(Stage(r), Words(r, study.Prediction)))]),
            new("Model", study.Prediction is { } answer ? [.. Lines(study, answer)] : [new(null, WhyNone(study))]),
        ]);

    /// <summary>Lines of plain text, for a clipboard or another program.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        foreach (var line in (string[])[Title, .. Warnings])
        {
            text.Append(line).Append('\n');
        }

        foreach (var section in Sections)
        {
            text.Append('\n').Append(section.Heading.ToUpperInvariant()).Append('\n');
            foreach (var line in section.Lines)
            {
                text.Append(line.Name is null ? "" : line.Name + ": ").Append(line.Text).Append('\n');
            }
        }

        return text.ToString();
    }

    // What came after a reading was not read by it.
    static string Words(StudyDetail study) => string.Concat(
        string.Join("; ", study.Images.Select(i => $"view {i.View.Words()}, received {Utc(i.ReceivedAt)}"
            + (study.Readings.Any(r => r.CreatedAt < i.ReceivedAt) ? ", after a reading below" : ""))),
        ". A score is of the first image alone.");

    static string Stage(ReadingView reading) => reading.Stage.Words() + (reading.IsSuperseded ? ", corrected since" : "");

    // Who entered it, when, and the row: what a signature has to say.
    static string Words(ReadingView reading, PredictionView? shown) => string.Concat(
        reading.Opinion.Words(), string.Create(CultureInfo.InvariantCulture, $", confidence {reading.Confidence} of 5"),
        reading.AgreesWithPrediction switch
        {
            true => ", agrees with the model",
            false => ", disagrees with the model",
            _ => "",
        },
        reading.AgreesWithPrediction is not null && reading.PredictionId is { } judged && shown is not null && judged != shown.Id
            ? " (with another answer than the one below)"
            : "",
        string.IsNullOrWhiteSpace(reading.Note) ? "." : $". {reading.Note}",
        $"\nSigned by {reading.ReaderName}, {Utc(reading.CreatedAt)}, entry {reading.Id}.");

    static IEnumerable<ReportLine> Lines(StudyDetail study, PredictionView answer)
    {
        yield return new(
            "Answer",
            $"{answer.Classes[answer.PredictedIndex]}: {answer.Classes[answer.PositiveIndex]} "
                + $"{answer.Probabilities[answer.PositiveIndex].Fixed()}, called from {answer.Threshold.Fixed()} on");
        if (answer.Warnings.Sentence is { } warning)
        {
            yield return new("Warning", warning);
        }

        if (answer.SeverityZones.Count > 0)
        {
            yield return new("Severity", $"{Scale(answer.SeverityZones.Sum(), answer.SeverityLower, answer.SeverityUpper, 18)}, Brixia");
        }

        foreach (var score in answer.LungScores)
        {
            yield return new(score.Name, Scale(score.Value, score.Lower, score.Upper, score.Max));
        }

        yield return new(
            "Version",
            $"{answer.ModelName}, version {answer.ModelNumber}, {(answer.AcceptedHere is null ? "not accepted here" : "accepted here")}, "
                + Utc(answer.CreatedAt));
        if (study.ScoreDemand is { } demand)
        {
            yield return new("Withheld", $"{study.StatusReason} Scored all the same: {demand}");
        }
    }

    static string Scale(double value, double? lower, double? upper, double max) =>
        $"{value.Fixed(1)} of {max.ToString(CultureInfo.InvariantCulture)} ({lower.Fixed(1)} to {upper.Fixed(1)})";

    static string WhyNone(StudyDetail study) => study switch
    {
        { IsWithdrawn: true } => "No answer is shown for a withdrawn study.",
        { IsRevealed: false } => "The model's answer is hidden until the own reading is locked.",
        _ => study.StatusReason ?? $"There is no answer of the model: {study.Status.Words()}.",
    };

    static string Utc(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC";
}

using System.Globalization;
using System.Text;
using CovidCxr.Learning.Files;

namespace CovidCxr.Learning.Evaluation;

/// <summary>What a model said of one image, for whoever makes figures of his own.</summary>
/// <param name="Path">Relative to the data folder.</param>
/// <param name="Patient">A number from 1 that images of a patient, and duplicates of them, share; nobody's own.</param>
/// <param name="Truth">Its class.</param>
/// <param name="Decided">The class that the model's threshold decides for.</param>
/// <param name="Probabilities">One for each class of the model, 0..1.</param>
/// <param name="IsSeen">Whether it was seen in training, and is no part of any figure.</param>
public sealed record ImageScore(
    string Path, string Source, int Patient, string Truth, string Decided, IReadOnlyList<float> Probabilities, bool IsSeen)
{
    /// <param name="seen">Paths of images that were seen in training.</param>
    public static IReadOnlyList<ImageScore> Of(
        IReadOnlyList<EvaluatedCase> cases, IReadOnlyList<string> classes, IReadOnlySet<string> seen)
    {
        var patients = cases.Select(c => c.Cluster).Distinct(StringComparer.Ordinal).Index()
            .ToDictionary(p => p.Item, p => p.Index + 1, StringComparer.Ordinal);
        return [.. cases.Select(c => new ImageScore(
            c.File.Path, c.File.Source, patients[c.Cluster], classes[c.Truth], classes[c.Decided], c.Prediction.Probabilities,
            seen.Contains(c.File.Path)))];
    }

    /// <summary>As comma-separated values with a header, safe to open in a spreadsheet.</summary>
    public static string ToCsv(IReadOnlyList<ImageScore> scores, IReadOnlyList<string> classes)
    {
        var text = new StringBuilder(Csv.Line(
            ["path", "source", "patient", "truth", "decided", .. classes.Select(c => $"probability of {c}"), "seen"]));
        foreach (var score in scores)
        {
            text.Append(Csv.Line(
                [
                    score.Path, score.Source, score.Patient.ToString(CultureInfo.InvariantCulture), score.Truth, score.Decided,
                    .. score.Probabilities.Select(p => p.ToString("R", CultureInfo.InvariantCulture)), score.IsSeen ? "1" : "0",
                ]));
        }

        return text.ToString();
    }
}

using CovidCxr.Domain.Models;
using CovidCxr.Learning.Checkpoints;

namespace CovidCxr.Laboratory.Cards;

/// <summary>From which weights a model was trained on, back to the first that are known.</summary>
static class Ancestry
{
    const int Most = 20;

    /// <summary>In words, the nearest first; empty for a random start, and where nothing says it.</summary>
    public static IReadOnlyList<string> Of(CardFacts facts, IReadOnlyList<ModelVersion> versions)
    {
        var byFile = versions.ToDictionary(v => v.FileKey, StringComparer.Ordinal);
        var found = new List<string>();
        for (var by = facts.Configuration; by?.InitialModel is { } start && found.Count < Most;)
        {
            if (start == ImageNetWeights.Name)
            {
                found.Add("ImageNet's weights, of photographs.");
                break;
            }

            // The path is this machine's; the file's own name is enough.
            if (!byFile.TryGetValue(Path.GetFileName(start), out var version))
            {
                found.Add("A model file that is not registered here.");
                break;
            }

            found.Add(StudyAnswers.Say($"Version {version.Number}, {version.Name}, with SHA-256 {version.Sha256}."));
            by = new CardFacts(ModelHeader.FromJson(version.HeaderJson), version.Sha256).Configuration;
        }

        return found;
    }
}

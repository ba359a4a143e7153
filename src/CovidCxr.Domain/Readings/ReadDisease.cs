namespace CovidCxr.Domain.Readings;

/// <summary>
/// The disease that the clinic reads for: what opinions, references and comparisons are about. A model's answer is about the model's own
/// positive class, and stands beside readings only where that is this disease.
/// </summary>
public static class ReadDisease
{
    public const string Name = "COVID-19";

    /// <summary>No finding is older than the disease.</summary>
    public const int FirstYear = 2019;

    const string ShortName = "covid";

    // Letters and digits alone, so that case, hyphens and spaces make no difference.
    static readonly string[] Written = [ShortName, "covid19"];

    /// <summary>Whether a class means this disease and nothing else, such as "COVID-19", "covid19" or "Covid".</summary>
    public static bool Is(string className) =>
        Written.Contains(string.Concat(className.Where(char.IsLetterOrDigit)).ToLowerInvariant(), StringComparer.Ordinal);

    /// <summary>Whether a model's answer is this disease; null where the model looks for another.</summary>
    /// <param name="positive">The class that the model looks for.</param>
    /// <param name="predicted">The class that it answers.</param>
    public static bool? IsAnswer(IReadOnlyList<string> classes, int positive, int predicted) =>
        Is(classes[positive]) ? predicted == positive : null;

    /// <summary>Whether a text mentions it, whatever else it says: "COVID-19 negative" does too.</summary>
    public static bool IsMentionedIn(string text) => text.Contains(ShortName, StringComparison.OrdinalIgnoreCase);
}

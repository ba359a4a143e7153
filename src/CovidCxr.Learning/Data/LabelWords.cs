using System.Text.RegularExpressions;

namespace CovidCxr.Learning.Data;

/// <summary>
/// Words in a label that turn it round or leave it open: "COVID-19 negative" is no COVID-19, and "suspected COVID-19" may be none.
/// </summary>
public static partial class LabelWords
{
    // Short ones only as whole words: "no" stands in "pneumonia".
    static readonly HashSet<string> Whole = new(StringComparer.OrdinalIgnoreCase)
    {
        "no", "not", "non", "none", "never", "neg", "without", "free", "false", "ruled", "absent", "or", "vs", "versus", "maybe", "perhaps",
        "likely", "post", "after", "prior", "previous", "history", "recovered", "resolved", "contact", "pending", "unknown", "todo", "kein",
        "keine", "keinen", "nicht", "ohne", "sans", "pas", "sin", "senza", "oder", "ou",
    };

    static readonly string[] Within =
    [
        "negativ", "négatif", "négative", "negatif", "suspect", "suspic", "possib", "probab", "unlikely", "exclu", "ausgeschlossen",
        "presum", "questionab", "equivocal", "uncertain", "unclear", "indeterminate", "inconclusive", "differential", "verdacht",
        "verdächtig", "fraglich", "möglich", "wahrscheinlich", "douteu", "noncov", "nocov", "notcov", "?", "(-)", "r/o", "w/o",
    ];

    /// <summary>Whether a label denies or doubts what is sought in it, in words that the sought text has not itself.</summary>
    /// <param name="label">A cell or a folder's name.</param>
    /// <param name="sought">What a rule looks for. Equal to the label it is a decision, and nothing is in doubt.</param>
    public static bool IsDoubtful(string label, string sought)
    {
        if (string.Equals(label.Trim(), sought.Trim(), StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var decided = WordsOf(sought);
        return WordsOf(label).Any(w => Whole.Contains(w) && !decided.Contains(w))
            || Within.Any(
                w => label.Contains(w, StringComparison.OrdinalIgnoreCase) && !sought.Contains(w, StringComparison.OrdinalIgnoreCase))
            || (label.TrimEnd().EndsWith('-') && !sought.TrimEnd().EndsWith('-'));
    }

    static HashSet<string> WordsOf(string text) => Words().Matches(text).Select(m => m.Value).ToHashSet(StringComparer.OrdinalIgnoreCase);

    // `NonCovid` is two words.
    [GeneratedRegex(@"\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})|\p{Lo}+")]
    private static partial Regex Words();
}

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

    // What may stand beside a finding without turning it round. No list of denials is ever whole, so that any other word asks for a
    // decision.
    static readonly HashSet<string> Harmless = new(StringComparer.OrdinalIgnoreCase)
    {
        "positive", "pos", "positiv", "positif", "confirmed", "proven", "pcr", "rt", "viral", "virus", "bacterial", "fungal", "pneumonia",
        "pneumonie", "infection", "infected", "disease", "patient", "patients", "case", "cases", "class", "label", "finding", "findings",
        "x", "ray", "xray", "chest", "cxr", "image", "images", "film", "films", "severe", "moderate", "mild", "acute", "typical", "left",
        "right", "bilateral", "lobar", "and", "with", "und", "mit", "et", "avec", "the", "of", "lung", "lungs", "sars", "cov", "ards",
        "coronavirus",
    };

    /// <summary>
    /// Whether a label denies or doubts what is sought in it, in words that the sought text has not itself, or says it in words that are
    /// not known to be harmless. Parts between commas, semicolons, slashes, bars and plus signs are findings of their own.
    /// </summary>
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
            || (!IsDenial(sought, decided) && !Parts(label, sought).Any(p => IsPlain(p, sought, decided)));
    }

    // A rule that looks for a denial has decided about it.
    static bool IsDenial(string sought, HashSet<string> words) =>
        words.Overlaps(Whole) || Within.Any(w => sought.Contains(w, StringComparison.OrdinalIgnoreCase));

    // Those in which the sought text stands; the whole label where it goes over several.
    static List<string> Parts(string label, string sought) =>
        label.Split([',', ';', '/', '|', '+']).Where(p => p.Contains(sought, StringComparison.OrdinalIgnoreCase)).ToList()
            is { Count: > 0 } parts ? parts : [label];

    static bool IsPlain(string part, string sought, HashSet<string> decided)
    {
        if (sought.Length == 0)
        {
            return true;
        }

        var beside = part.Replace(sought, " ", StringComparison.OrdinalIgnoreCase).Trim();
        return WordsOf(beside).All(w => Harmless.Contains(w) || decided.Contains(w))
            && !Denials().IsMatch(beside);
    }

    // A sign or a nought beside the finding: "COVID-19 -", "COVID-19: 0", "COVID-19 = 0".
    [GeneratedRegex(@"^[-\u2212\u2013]+$|[-\u2212\u2013]\s*$|(?<!\d)0(?!\d)|[!\u00ac~]")]
    private static partial Regex Denials();

    static HashSet<string> WordsOf(string text) => Words().Matches(text).Select(m => m.Value).ToHashSet(StringComparer.OrdinalIgnoreCase);

    // `NonCovid` is two words.
    [GeneratedRegex(@"\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})|\p{Lo}+")]
    private static partial Regex Words();
}

using System.Text.RegularExpressions;

namespace CovidCxr.Learning.Data;

/// <summary>What tables say of an image's view and modality, and whether that is a frontal X-ray.</summary>
public static partial class ImageViews
{
    static readonly HashSet<string> Frontal = new(StringComparer.OrdinalIgnoreCase)
    {
        "pa", "ap", "frontal", "posteroanterior", "anteroposterior", "postero", "antero"
    };

    static readonly HashSet<string> Lateral = new(StringComparer.OrdinalIgnoreCase)
    {
        "lateral", "lat", "l", "ll", "rl", "laterolateral", "sagittal", "coronal", "axial"
    };

    static readonly HashSet<string> XRay = new(StringComparer.OrdinalIgnoreCase)
    {
        "xray", "xrays", "x", "cr", "dx", "dr", "cxr", "rx", "rg", "rf", "radiograph", "radiography", "chestxray"
    };

    static readonly HashSet<string> Unsaid = new(StringComparer.OrdinalIgnoreCase)
    {
        "", "unknown", "unk", "na", "nan", "none", "null", "todo", "unspecified", "notspecified", "other"
    };

    /// <summary>
    /// The view with the modality before it where that is no X-ray, such as `CT Axial`; null where neither says anything.
    /// </summary>
    public static string? Describe(string? view, string? modality)
    {
        var seen = Given(view);
        return Given(modality) is { } kind && !XRay.Contains(CsvTable.Plain(kind)) ? $"{kind} {seen}".TrimEnd() : seen;
    }

    /// <summary>Whether the view, as <see cref="Describe"/> gives it, is a frontal X-ray's.</summary>
    public static bool IsFrontal(string view)
    {
        var words = Words().Matches(view).Select(m => m.Value).ToList();
        // "AP axial" is the lordotic film, a frontal one.
        var isFrontal = words.Exists(Frontal.Contains);
        return isFrontal && IsXRay(words) && (words is ["AP" or "ap" or "Ap", ..] || !words.Exists(Lateral.Contains));
    }

    static bool IsXRay(List<string> words) =>
        !words.Exists(w => w.ToUpperInvariant() is "CT" or "MR" or "MRI" or "US" or "PT" or "PET" or "CBCT" or "HRCT");

    static string? Given(string? text) => text is null || Unsaid.Contains(CsvTable.Plain(text)) ? null : text.Trim();

    [GeneratedRegex(@"\p{L}+")]
    private static partial Regex Words();
}

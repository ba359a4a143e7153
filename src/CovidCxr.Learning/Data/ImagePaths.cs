using System.Text.RegularExpressions;

namespace CovidCxr.Learning.Data;

/// <summary>What the path of a file says of it, within the folder or archive that is imported: relative, with forward slashes.</summary>
public static partial class ImagePaths
{
    static readonly HashSet<string> Litter = new(StringComparer.OrdinalIgnoreCase)
    {
        "__MACOSX", "Thumbs.db", "ehthumbs.db", "desktop.ini", "$RECYCLE.BIN", "System Volume Information", "@eaDir", "__pycache__",
        "Icon\r",
    };

    static readonly string[] Masks = ["mask", "masks"];

    static readonly Dictionary<string, DataPart> Divisions = new(StringComparer.OrdinalIgnoreCase)
    {
        ["train"] = DataPart.Train,
        ["training"] = DataPart.Train,
        ["val"] = DataPart.Validation,
        ["valid"] = DataPart.Validation,
        ["validation"] = DataPart.Validation,
        ["validate"] = DataPart.Validation,
        ["dev"] = DataPart.Validation,
        ["test"] = DataPart.Test,
        ["testing"] = DataPart.Test,
    };

    static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".dcm", ".dicom"];

    /// <summary>
    /// Whether a system or an editor left it there: macOS's `__MACOSX` and `._name`, Windows' Thumbs.db, Jupyter's checkpoints, whatever
    /// begins with a dot.
    /// </summary>
    public static bool IsLitter(string path) => path.Split('/').Any(p => p.StartsWith('.') || Litter.Contains(p));

    /// <summary>
    /// Whether the file's name or a folder of it says that it is a mask: `masks/a.png`, `lung-masks/a.png`, `a_mask.png`.
    /// </summary>
    public static bool IsMask(string path) =>
        Words().Matches(path).Any(m => Masks.Any(w => m.Value.EndsWith(w, StringComparison.OrdinalIgnoreCase)));

    /// <summary>The part that a folder's name stands for, such as `train` or `Validation`; null for any other.</summary>
    public static DataPart? DivisionOf(string folder) => Divisions.TryGetValue(FirstWord(folder), out var part) ? part : null;

    /// <summary>The name without what marks it as an image's; a dot within the name ends nothing.</summary>
    public static string Stem(string path) =>
        Extensions.FirstOrDefault(e => path.EndsWith(e, StringComparison.OrdinalIgnoreCase)) is { } extension
            ? path[..^extension.Length]
            : path;

    /// <summary>macOS writes an accented letter as two characters; composed it equals everybody else's.</summary>
    public static string Composed(string name) => ComposedLetters.Of(name);

    // `train_set`, `test-images`: the first word says it, where the rest is such a filler.
    static string FirstWord(string folder) => Division().Match(folder) is { Success: true } match ? match.Groups[1].Value : folder;

    [GeneratedRegex(@"\p{L}+")]
    private static partial Regex Words();

    [GeneratedRegex(@"^(\p{L}+?)[ _-]?(?:set|data|images|imgs)?$", RegexOptions.IgnoreCase)]
    private static partial Regex Division();
}

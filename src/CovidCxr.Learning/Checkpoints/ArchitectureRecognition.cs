using System.Text.RegularExpressions;

namespace CovidCxr.Learning.Checkpoints;

/// <summary>Which network a state dict is of, from the blocks that its names count. Shapes are checked when it is loaded.</summary>
static partial class ArchitectureRecognition
{
    /// <returns>A name of the catalogue; null for any other network.</returns>
    public static string? Find(IEnumerable<string> names)
    {
        var keys = names.ToHashSet(StringComparer.Ordinal);
        var isBottleneck = keys.Contains("layer1.0.conv3.weight");
        return (Blocks(keys, ResidualBlock()), isBottleneck, Blocks(keys, DenseLayer())) switch
        {
            ("2,2,2,2", false, "") => "resnet18",
            ("3,4,6,3", true, "") => "resnet50",
            ("3,8,36,3", true, "") => "resnet152",
            ("", false, "6,12,24,16") => "densenet121",
            ("", false, "6,12,32,32") => "densenet169",
            _ => null,
        };
    }

    // "3,4,6,3": how many numbers the second group takes within each number of the first.
    static string Blocks(IEnumerable<string> keys, Regex pattern) => string.Join(',', keys
        .Select(k => pattern.Match(k)).Where(m => m.Success)
        .Select(m => (Stage: m.Groups[1].Value, Block: m.Groups[2].Value)).Distinct()
        .GroupBy(b => b.Stage).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => g.Count()));

    [GeneratedRegex(@"^layer(\d)\.(\d+)\.")]
    private static partial Regex ResidualBlock();

    [GeneratedRegex(@"^features\.denseblock(\d)\.denselayer(\d+)\.")]
    private static partial Regex DenseLayer();
}

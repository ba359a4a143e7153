using System.Text.RegularExpressions;
using CovidCxr.Learning.Onnx;

namespace CovidCxr.Learning.Networks;

/// <summary>One network of a family, by what the others of it have otherwise.</summary>
/// <param name="Name">torchvision's, such as densenet121.</param>
/// <param name="Blocks">How many blocks (of a DenseNet: layers) each of the stages has, in forward order.</param>
/// <param name="IsBottleneck">Blocks of three convolutions in place of two; false in a family that makes no such difference.</param>
public sealed record NetworkShape(string Name, IReadOnlyList<int> Blocks, bool IsBottleneck = false);

/// <summary>
/// Everything about a family of networks but its layers. Configurations, files of weights and ONNX graphs need all of it and are read and
/// written without a tensor library, so the record stands here; who builds networks adds one line with the constructor.
/// </summary>
/// <param name="Head">The state dict's prefix of the last module, which is linear.</param>
/// <param name="BlockKeys">Matches a block's names in the state dict: group 1 is the stage's number, group 2 the block's in it.</param>
/// <param name="BottleneckKey">A name that only networks with bottlenecks have; null where the family makes no such difference.</param>
/// <param name="Features">
/// Writes the ONNX graph from the input `images` to the last feature map, for a state dict of these names; returns the map's name.
/// </param>
/// <param name="Members">The networks of the family: another one is one more line.</param>
public sealed record NetworkFamily(
    string Head, Regex BlockKeys, string? BottleneckKey, Func<GraphBuilder, IReadOnlySet<string>, string> Features,
    IReadOnlyList<NetworkShape> Members)
{
    /// <summary>How many blocks each stage has in a state dict of these names, in forward order; empty for another family's.</summary>
    public IReadOnlyList<int> BlocksIn(IEnumerable<string> names) =>
        [.. names.Select(n => BlockKeys.Match(n)).Where(m => m.Success)
            .Select(m => (Stage: m.Groups[1].Value, Block: m.Groups[2].Value)).Distinct()
            .GroupBy(b => b.Stage).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => g.Count())];

    /// <summary>The network whose state dict has these names; null where none of the family has.</summary>
    public NetworkShape? Recognise(IReadOnlySet<string> names)
    {
        var blocks = BlocksIn(names);
        var isBottleneck = BottleneckKey is { } key && names.Contains(key);
        return Members.FirstOrDefault(m => m.Blocks.SequenceEqual(blocks) && m.IsBottleneck == isBottleneck);
    }
}

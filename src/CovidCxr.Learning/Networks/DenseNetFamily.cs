using System.Text.RegularExpressions;
using CovidCxr.Learning.Onnx;

namespace CovidCxr.Learning.Networks;

/// <summary>
/// Densely connected networks (Huang et al. 2017). In the ONNX graph a norm that follows a convolution is folded into it; one that
/// reads a concatenation stays. A transition pools before its 1x1 convolution: both are linear and commute, and the
/// convolution then sees a quarter of the pixels.
/// </summary>
public static partial class DenseNetFamily
{
    public const string Head = "classifier";

    public static NetworkFamily Family { get; } = new(Head, BlockKeys(), BottleneckKey: null, Features,
    [
        new("densenet121", [6, 12, 24, 16]),
        new("densenet169", [6, 12, 32, 32]),
    ]);

    static string Features(GraphBuilder graph, IReadOnlySet<string> names)
    {
        var x = graph.MaxPool(graph.Relu(graph.Conv("images", "features.conv0", "features.norm0", stride: 2, padding: 3)));
        for (var block = 1; block <= 4; block++)
        {
            for (var layer = 1; names.Contains($"features.denseblock{block}.denselayer{layer}.conv1.weight"); layer++)
            {
                var name = $"features.denseblock{block}.denselayer{layer}";
                var grown = graph.Relu(graph.Norm(x, name + ".norm1"));
                grown = graph.Relu(graph.Conv(grown, name + ".conv1", name + ".norm2"));
                x = graph.Concat(name, x, graph.Conv(grown, name + ".conv2", padding: 1));
            }

            if (block < 4)
            {
                var transition = $"features.transition{block}";
                x = graph.HalvingAveragePool(graph.Relu(graph.Norm(x, transition + ".norm")));
                x = graph.Conv(x, transition + ".conv");
            }
        }

        return graph.Relu(graph.Norm(x, "features.norm5"));
    }

    [GeneratedRegex(@"^features\.denseblock(\d)\.denselayer(\d+)\.")]
    private static partial Regex BlockKeys();
}

using System.Text.RegularExpressions;
using CovidCxr.Learning.Onnx;

namespace CovidCxr.Learning.Networks;

/// <summary>Deep residual networks (He et al. 2016); in the ONNX graph every batch norm is folded into the convolution before it.</summary>
public static partial class ResNetFamily
{
    public const string Head = "fc";

    public static NetworkFamily Family { get; } = new(Head, BlockKeys(), "layer1.0.conv3.weight", Features,
    [
        new("resnet18", [2, 2, 2, 2]),
        // Without the end of ResNet18, which costs pretrained networks little on chest films (Ke et al. 2021).
        new("resnet16", [2, 2, 2, 1]),
        new("resnet14", [2, 2, 2]),
        new("resnet50", [3, 4, 6, 3], IsBottleneck: true),
        new("resnet152", [3, 8, 36, 3], IsBottleneck: true),
    ]);

    static string Features(GraphBuilder graph, IReadOnlySet<string> names)
    {
        var x = graph.MaxPool(graph.Relu(graph.Conv("images", "conv1", "bn1", stride: 2, padding: 3)));
        for (var stage = 1; stage <= 4; stage++)
        {
            for (var block = 0; names.Contains($"layer{stage}.{block}.conv1.weight"); block++)
            {
                x = Block(graph, names, x, $"layer{stage}.{block}", stage > 1 && block == 0 ? 2 : 1);
            }
        }

        return x;
    }

    static string Block(GraphBuilder graph, IReadOnlySet<string> names, string input, string block, int stride)
    {
        var isBottleneck = names.Contains(block + ".conv3.weight");
        var x = isBottleneck
            ? graph.Relu(graph.Conv(input, block + ".conv1", block + ".bn1"))
            : graph.Relu(graph.Conv(input, block + ".conv1", block + ".bn1", stride, padding: 1));
        if (isBottleneck)
        {
            // torchvision puts the stride on the 3x3 convolution ("ResNet v1.5").
            x = graph.Relu(graph.Conv(x, block + ".conv2", block + ".bn2", stride, padding: 1));
            x = graph.Conv(x, block + ".conv3", block + ".bn3");
        }
        else
        {
            x = graph.Conv(x, block + ".conv2", block + ".bn2", padding: 1);
        }

        var shortcut = names.Contains(block + ".downsample.0.weight")
            ? graph.Conv(input, block + ".downsample.0", block + ".downsample.1", stride)
            : input;
        return graph.Relu(graph.Add(x, shortcut));
    }

    [GeneratedRegex(@"^layer(\d)\.(\d+)\.")]
    private static partial Regex BlockKeys();
}

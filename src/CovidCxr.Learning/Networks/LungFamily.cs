using CovidCxr.Learning.Onnx;

namespace CovidCxr.Learning.Networks;

/// <summary>The network that finds lungs, a U-Net (Ronneberger et al. 2015): its sizes, its input and its ONNX graph.</summary>
public static class LungFamily
{
    /// <summary>Pixels of each side of its input, to which a film is stretched.</summary>
    public const int Side = 160;

    /// <summary>Cells of each side of its mask: outlines between them follow by interpolation.</summary>
    public const int Cells = Side / 2;

    /// <summary>Channels of the first convolution, which halves the side.</summary>
    public const int StemChannels = 16;

    /// <summary>Channels at each depth; each but the first halves the side.</summary>
    public static IReadOnlyList<int> Channels { get; } = [24, 48, 96, 128];

    /// <summary>
    /// The bytes of an ONNX model (operator set 17). Input `images`: (N, 1, H, W) float32 as <see cref="ToInput"/> makes it. Outputs:
    /// `logits` (N, 1, H/2, W/2) and `features` (N, C, H/16, W/16), the deepest feature map.
    /// </summary>
    /// <param name="weights">State dict, float32, without the counters of batches.</param>
    /// <exception cref="KeyNotFoundException">A weight is missing.</exception>
    public static byte[] Graph(IReadOnlyDictionary<string, WeightTensor> weights)
    {
        var graph = new GraphBuilder(weights);
        var kept = new string[Channels.Count];
        var x = graph.Relu(graph.Conv("images", "stem", "bn", stride: 2, padding: 1));
        for (var i = 0; i < Channels.Count; i++)
        {
            kept[i] = x = Double(graph, i == 0 ? x : graph.HalvingMaxPool(x), $"down{i}");
        }

        for (var i = Channels.Count - 2; i >= 0; i--)
        {
            x = Double(graph, graph.Concat($"join{i}", graph.Doubled(x), kept[i]), $"up{i}");
        }

        graph.Named("features", kept[^1]);
        graph.Named("logits", graph.Conv(x, "head", hasBias: true));
        return graph.Build(
            "lungs",
            [("images", ["batch", 1L, "height", "width"])],
            [
                ("logits", ["batch", 1L, "mask_height", "mask_width"]),
                ("features", ["batch", (long)Channels[^1], "map_height", "map_width"]),
            ], []);
    }

    /// <summary>Pixels of 8 bits, as a data set holds them, to the network's input: about -2..2.</summary>
    public static float ToInput(float unit) => (unit - 0.5f) / 0.25f;

    static string Double(GraphBuilder graph, string input, string block)
    {
        var x = graph.Relu(graph.Conv(input, block + ".conv1", block + ".bn1", padding: 1));
        return graph.Relu(graph.Conv(x, block + ".conv2", block + ".bn2", padding: 1));
    }
}

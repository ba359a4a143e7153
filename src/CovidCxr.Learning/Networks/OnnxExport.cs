using CovidCxr.Learning.Onnx;

namespace CovidCxr.Learning.Networks;

/// <summary>Writes a trained network as an ONNX file for inference, from its weights alone.</summary>
public static class OnnxExport
{
    /// <summary>
    /// The bytes of an ONNX model (operator set 17). Input `images`: (N, 3, H, W) float32, preprocessed as the model's preset says,
    /// H and W at least 32. Outputs: `logits` (N, classes) and `features` (N, C, H/32, W/32), the last feature map, from which
    /// Grad-CAM follows in closed form (Adedigba et al. 2021, section 5.2). N, H and W are free.
    /// </summary>
    /// <param name="architecture">A name of the catalogue, such as densenet121 or resnet18.</param>
    /// <param name="weights">State dict with torchvision's names, float32, without the counters of batches.</param>
    /// <param name="metadata">Text that travels inside the file, such as the model's header.</param>
    /// <exception cref="ArgumentException">No such architecture.</exception>
    /// <exception cref="KeyNotFoundException">A weight is missing.</exception>
    public static byte[] Write(
        string architecture, IReadOnlyDictionary<string, WeightTensor> weights, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var (family, _) = NetworkCatalog.Find(architecture);
        var names = weights.Keys.ToHashSet(StringComparer.Ordinal);
        var graph = new GraphBuilder(weights);
        graph.Head(family.Features(graph, names), family.Head);
        var shape = weights[family.Head + ".weight"].Shape;
        return graph.Build(
            architecture,
            [("images", ["batch", 3L, "height", "width"])],
            [("logits", ["batch", shape[0]]), ("features", ["batch", shape[1], "map_height", "map_width"])], metadata);
    }
}

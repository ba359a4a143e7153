using System.Numerics.Tensors;
using CovidCxr.Learning.Backbones;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace CovidCxr.Learning.Explanation;

/// <summary>Gradient-weighted class activation maps (Selvaraju et al. 2017; method, section 8).</summary>
public static class GradCam
{
    /// <summary>
    /// The map at the last feature map without a backward pass: behind global average pooling and one linear layer, the gradient of a class
    /// score is that class's head weights over h w, everywhere the same. The common factor falls out when the map is scaled to 1.
    /// </summary>
    /// <param name="features">(channels, height, width) of one image, row-major, after the ReLU.</param>
    /// <param name="headRow">The class's row of the head's weight: one value per channel.</param>
    public static HeatMap ClosedForm(ReadOnlySpan<float> features, ReadOnlySpan<float> headRow, int height, int width)
    {
        var map = new float[height * width];
        for (var channel = 0; channel < headRow.Length; channel++)
        {
            TensorPrimitives.MultiplyAdd(features.Slice(channel * map.Length, map.Length), headRow[channel], map, map);
        }

        return Normalise(map, height, width);
    }

    /// <summary>The map at any layer, by autograd.</summary>
    /// <param name="image">(1, 3, H, W).</param>
    /// <param name="layer">The name of a module, as in the state dict, whose output is a feature map.</param>
    /// <exception cref="ArgumentException">There is no such module.</exception>
    public static HeatMap ByBackward(Backbone network, Tensor image, string layer, int classIndex)
    {
        using var scope = NewDisposeScope();
        var module = network.named_modules().FirstOrDefault(m => m.name == layer).module as nn.Module<Tensor, Tensor>
            ?? throw new ArgumentException($"The network has no layer '{layer}' with one feature map.", nameof(layer));
        Tensor? activation = null;
        var hook = module.register_forward_hook((_, _, output) =>
        {
            // A copy, because what follows may work in place on the output.
            activation = output.alias().DetachFromDisposeScope();
            activation.retain_grad();
            return output.clone();
        });
        try
        {
            var score = network.forward(image)[0, classIndex];
            var gradient = autograd.grad([score], [activation!])[0];
            var weights = gradient.mean([2L, 3L], keepdim: true);
            var map = (weights * activation!).sum(1)[0].detach();
            return Normalise(map.to_type(ScalarType.Float32).contiguous().data<float>().ToArray(), (int)map.shape[0], (int)map.shape[1]);
        }
        finally
        {
            hook.remove();
            activation?.Dispose();
        }
    }

    static HeatMap Normalise(float[] map, int height, int width)
    {
        TensorPrimitives.Max(map, 0f, map);
        var peak = TensorPrimitives.Max<float>(map);
        if (peak > 0)
        {
            TensorPrimitives.Divide(map, peak, map);
        }

        return new(map, width, height);
    }
}

using System.Numerics.Tensors;
using CovidCxr.Engine.Backbones;
using CovidCxr.Learning.Explanation;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace CovidCxr.Engine.Explanation;

/// <summary>Gradient-weighted class activation maps (Selvaraju et al. 2017; Adedigba et al. 2021, section 5.2).</summary>
public static class GradCam
{
    /// <summary>
    /// The map at the last feature map without a backward pass: behind global average pooling and one linear layer, the gradient of a class
    /// score is that class's head weights over h w, everywhere the same. The common factor falls out when the map is scaled to 1.
    /// </summary>
    /// <param name="features">(channels, height, width) of one image, row-major, after the ReLU.</param>
    /// <param name="headRow">The class's row of the head's weight: one value per channel.</param>
    /// <exception cref="ArgumentException">The features are not one map of height x width per value of the row.</exception>
    public static HeatMap ClosedForm(ReadOnlySpan<float> features, ReadOnlySpan<float> headRow, int height, int width)
    {
        var map = new float[height * width];
        if (features.Length != headRow.Length * map.Length)
        {
            throw new ArgumentException(
                $"{features.Length} features are not {headRow.Length} maps of {height} x {width}.", nameof(features));
        }

        for (var channel = 0; channel < headRow.Length; channel++)
        {
            TensorPrimitives.MultiplyAdd(features.Slice(channel * map.Length, map.Length), headRow[channel], map, map);
        }

        return Normalise(map, height, width);
    }

    /// <summary>The map at the last feature map by autograd: what <see cref="ClosedForm"/> must equal.</summary>
    /// <param name="image">(1, 3, H, W).</param>
    public static HeatMap ByBackward(Backbone network, Tensor image, int classIndex)
    {
        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        var features = network.Features(image).detach().requires_grad_();
        return Weigh(features, network.Classify(features)[0, classIndex]);
    }

    /// <summary>The map at any layer by autograd. The network must be in evaluation mode; its own gradients are untouched.</summary>
    /// <param name="image">(1, 3, H, W).</param>
    /// <param name="layer">The name of a module, as in the state dict, whose output is a feature map, such as layer3 or
    /// features.denseblock3.</param>
    /// <exception cref="ArgumentException">There is no such module, or what it puts out is no feature map.</exception>
    public static HeatMap ByBackward(Backbone network, Tensor image, int classIndex, string layer)
    {
        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        var module = network.named_modules().FirstOrDefault(m => m.name == layer).module as nn.Module<Tensor, Tensor>
            ?? throw new ArgumentException($"The network has no layer '{layer}' with one feature map.", nameof(layer));
        Tensor? activation = null;
        var hook = module.register_forward_hook((_, _, output) =>
        {
            // A copy goes on, because what follows may work in place on it.
            activation = output.alias().DetachFromDisposeScope();
            return activation.clone();
        });
        try
        {
            // Asked of the image too, so that a frozen network has a graph.
            var score = network.forward(image.detach().clone().requires_grad_())[0, classIndex];
            return activation is { Dimensions: 4 } map
                ? Weigh(map, score)
                : throw new ArgumentException($"The layer '{layer}' puts out no feature map.", nameof(layer));
        }
        finally
        {
            hook.remove();
            activation?.Dispose();
        }
    }

    static HeatMap Weigh(Tensor features, Tensor score)
    {
        var weights = autograd.grad([score], [features])[0].mean([2L, 3L], keepdim: true);
        var map = (weights * features).sum(1)[0].detach().to_type(ScalarType.Float32).cpu().contiguous();
        return Normalise(map.data<float>().ToArray(), (int)map.shape[0], (int)map.shape[1]);
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

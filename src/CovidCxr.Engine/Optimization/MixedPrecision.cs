using CovidCxr.Engine.Backbones;
using CovidCxr.Learning.Optimization;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Optimization;

/// <summary>
/// Mixed precision (Adedigba et al. 2021, section 3.3): convolutions compute with a half-precision copy of float32 masters; batch norms,
/// head and loss stay float32.
/// </summary>
public static class MixedPrecision
{
    public static ScalarType TypeOf(Precision precision) => precision switch
    {
        Precision.BFloat16 => ScalarType.BFloat16,
        Precision.Float16 => ScalarType.Float16,
        _ => ScalarType.Float32,
    };

    /// <summary>
    /// Lists a network's parameters in forward order. With half precision, replaces the weights of its convolutions by half copies and
    /// keeps masters of what they were. All convolution weights become channels_last, which the CPU's and tensor cores' kernels prefer.
    /// </summary>
    public static IReadOnlyList<TrainedParameter> Prepare(Backbone network, Precision precision)
    {
        var parameters = new List<TrainedParameter>();
        for (var layer = 0; layer < network.Layers.Count; layer++)
        {
            foreach (var module in network.Layers[layer].Modules)
            {
                var prefix = network.named_modules().First(m => ReferenceEquals(m.module, module)).name;
                if (module is Conv2d conv)
                {
                    parameters.Add(Convolution(conv, $"{prefix}.weight", layer, precision));
                    continue;
                }

                foreach (var (name, value) in module.named_parameters())
                {
                    var isNormOrBias = module is Norm2d || name == "bias";
                    parameters.Add(new($"{prefix}.{name}", layer, value, value, isNormOrBias));
                }
            }
        }

        return parameters;
    }

    /// <summary>(N, C, H, W) laid out with channels last in memory, values and shape unchanged.</summary>
    public static Tensor ChannelsLast(Tensor tensor) => tensor.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    static TrainedParameter Convolution(Conv2d conv, string name, int layer, Precision precision)
    {
        using var frozen = no_grad();
        var master = ChannelsLast(conv.weight).detach().DetachFromDisposeScope();
        if (precision == Precision.Float32)
        {
            var working = new Parameter(master, requires_grad: true);
            conv.weight = working;
            return new(name, layer, working, working, false);
        }

        conv.weight = new Parameter(master.to_type(TypeOf(precision)), requires_grad: true);
        return new(name, layer, conv.weight, master, false);
    }
}

using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CovidCxr.Engine.Backbones;

/// <summary>
/// norm, ReLU, 1x1 to half the channels, 2x2 average. Pooled before the convolution: both are linear and commute, at a quarter of the work.
/// </summary>
sealed class Transition : Module<Tensor, Tensor>
{
    public Transition(long channels)
        : base(nameof(Transition))
    {
        register_module("norm", Norm = new Norm2d(channels));
        register_module("conv", Conv = Conv2d(channels, channels / 2, 1, bias: false));
    }

    public Norm2d Norm { get; }

    public Conv2d Conv { get; }

    public override Tensor forward(Tensor input)
    {
        using var normed = Norm.call(input);
        using var active = normed.relu_();
        using var pooled = functional.avg_pool2d(active, 2, stride: 2);
        return Conv.call(pooled);
    }
}
